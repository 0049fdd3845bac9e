/**
 * The address of the node a proxy runs on: what it was told, what the API server knows of the node,
 * or else the address of the interface that leads out.
 *
 * In Kubernetes: cmd/kube-proxy/app/server.go (detectNodeIPs), k8s.io/apimachinery/pkg/util/net (ChooseHostInterface)
 */
import { isIPv4 } from "node:net";
import { ApiError } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import type { Client } from "../client/client.ts";
import type { RunCommand } from "../component/command.ts";
import type { Log } from "../component/log.ts";

export interface HostAddressOptions {
  bindAddress: string;
  nodeName: string;
  client: Client;
  run: RunCommand;
  log: Log;
}

const ANY = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

export async function findHostAddress(options: HostAddressOptions): Promise<string> {
  const { bindAddress, log } = options;
  if (bindAddress !== ANY && isIPv4(bindAddress)) return bindAddress;
  const found = (await addressOfNode(options)) ?? (await addressOfDefaultRoute(options.run));
  if (found !== undefined) return found;
  log.warn(
    "Can't determine this node's IP, assuming 127.0.0.1; if this is incorrect, please set the " +
      "--bind-address flag",
  );
  return LOOPBACK;
}

async function addressOfNode({ client, nodeName, log }: HostAddressOptions) {
  try {
    const node = await client.get(Node, "", nodeName);
    const addresses = node.status?.addresses ?? [];
    const internal = addresses.find(({ type }) => type === "InternalIP");
    const external = addresses.find(({ type }) => type === "ExternalIP");
    const address = (internal ?? external)?.address;
    return address !== undefined && isIPv4(address) ? address : undefined;
  } catch (error) {
    // The API server may not be up yet, or not let us: the address is found in another way.
    const isExpected = error instanceof ApiError || (error as { code?: unknown }).code;
    if (!isExpected) throw error;
    log.error("Failed to retrieve node info", error, { node: nodeName });
    return undefined;
  }
}

async function addressOfDefaultRoute(run: RunCommand): Promise<string | undefined> {
  const { stdout: routes } = await run("ip", ["-4", "route", "show", "default"]);
  const [, given] = /\bsrc (\S+)/.exec(routes) ?? [];
  if (given !== undefined) return given;
  const [, device] = /\bdev (\S+)/.exec(routes) ?? [];
  if (device === undefined) return undefined;
  const { stdout } = await run("ip", ["-4", "-oneline", "address", "show", "dev", device]);
  return /\binet (\d+\.\d+\.\d+\.\d+)\//.exec(stdout)?.[1];
}

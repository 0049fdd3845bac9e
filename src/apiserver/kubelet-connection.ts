/**
 * The way from the API server to a kubelet: logs, exec, attach and port-forward go there, as do requests
 * through the proxy of a node.
 *
 * In Kubernetes: pkg/kubelet/client/kubelet_client.go
 */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ApiError } from "../api/errors.ts";
import type { Node } from "../api/node.ts";

/** Opens a stream to the kubelet of a node. */
export type KubeletConnector = (node: Node) => Promise<Duplex>;

const KUBELET_PORT = 10_250;
/** --kubelet-preferred-address-types. InternalIP first, for names of nodes seldom resolve. */
const PREFERRED = ["InternalIP", "Hostname", "InternalDNS", "ExternalDNS", "ExternalIP"];

export interface KubeletConnectionOptions {
  /** Whether kubelets speak TLS. Default: plain HTTP. */
  isTls?: boolean;
  tls?: { cert?: string | Buffer; key?: string | Buffer; ca?: string | Buffer };
  preferredAddressTypes?: string[];
  /** Where a node reports no port. Default: 10250. */
  defaultPort?: number;
}

export function kubeletConnector(options: KubeletConnectionOptions = {}): KubeletConnector {
  return (node) =>
    new Promise((resolve, reject) => {
      const where = addressOf(node, options);
      const socket = options.isTls
        ? connectTls({
            ...where,
            ...options.tls,
            rejectUnauthorized: options.tls?.ca !== undefined,
          })
        : connectTcp(where);
      socket.once(options.isTls ? "secureConnect" : "connect", () => {
        socket.off("error", onError);
        resolve(socket);
      });
      const onError = (error: Error) => {
        const message = `error dialing backend: dial tcp ${where.host}:${where.port}: ${reasonOf(error)}`;
        reject(new ApiError(500, "", message));
      };
      socket.once("error", onError);
    });
}

/** A request to the kubelet over a stream of its own. Resolves with the head of the answer. */
export function askKubelet(
  stream: Duplex,
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: Uint8Array; signal?: AbortSignal } = {},
): Promise<IncomingMessage> {
  const { headers = {}, body, signal } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      method,
      path,
      headers: { host: "kubelet", ...headers, connection: "close" },
      createConnection: () => stream,
      ...(signal === undefined ? {} : { signal }),
    });
    request.once("response", resolve);
    request.once("error", reject);
    request.end(body);
  });
}

function addressOf(node: Node, options: KubeletConnectionOptions) {
  const types = options.preferredAddressTypes ?? ["InternalIP", ...PREFERRED];
  const fallback = options.defaultPort ?? KUBELET_PORT;
  const { addresses = [], daemonEndpoints } = node.status ?? {};
  for (const type of types) {
    const address = addresses.find((one) => one.type === type)?.address;
    if (address !== undefined) {
      return { host: address, port: daemonEndpoints?.kubeletEndpoint?.Port || fallback };
    }
  }
  throw new ApiError(
    500,
    "",
    `no preferred addresses found; known addresses: ${JSON.stringify(addresses.map(({ address }) => address))}`,
  );
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ECONNREFUSED: "connect: connection refused",
    EHOSTUNREACH: "connect: no route to host",
    ETIMEDOUT: "i/o timeout",
  };
  return words[code ?? ""] ?? error.message;
}

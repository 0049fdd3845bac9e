/**
 * The addresses of the node that node ports answer on: those within `--nodeport-addresses`.
 *
 * In Kubernetes: pkg/proxy/util/nodeport_addresses.go
 */

import type { RunCommand } from "../component/command.ts";
import { StartError } from "../component/daemon.ts";
import { holdsAddress } from "./cidr.ts";
import { isCidr } from "./settings.ts";

/** Empty where node ports answer on all addresses. */
export async function nodePortAddresses(
  ranges: readonly string[],
  run: RunCommand,
): Promise<{ nodePortAddresses?: string[] }> {
  const wrong = ranges.find((range) => !isCidr(range));
  if (wrong !== undefined) {
    const value = JSON.stringify(wrong);
    throw new StartError(
      `--nodeport-addresses: Invalid value: ${value}: must be a valid CIDR block`,
    );
  }
  if (ranges.length === 0 || ranges.includes("0.0.0.0/0")) return {};
  const { stdout } = await run("ip", ["-4", "-oneline", "address", "show"]);
  const addresses = [...stdout.matchAll(/\binet (\d+\.\d+\.\d+\.\d+)\//g)].map(
    (found) => found[1]!,
  );
  const inside = addresses.filter((ip) => ranges.some((range) => holdsAddress(range, ip)));
  return { nodePortAddresses: [...new Set(inside)].toSorted() };
}

/** The address this machine is known by to others. */
import { networkInterfaces } from "node:os";

/** The first IPv4 address that is not loopback; undefined for a machine without a network. */
export function hostAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

/**
 * host-gw: each host is the gateway to its pods. One plain route for each of the others, nothing around
 * the packets, so full speed; but all hosts must be on one link, for a gateway can't be behind a router.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/hostgw/hostgw.go
 */
import { StartError } from "../../component/daemon.ts";
import type { Lease } from "../lease.ts";
import { type Route, syncRoutes } from "../routes.ts";
import type { Backend, BackendContext } from "./backend.ts";

export async function openHostGateway(context: BackendContext): Promise<Backend> {
  const { config, external, run } = context;
  if (external.publicAddress !== external.address) {
    throw new StartError(
      "your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not supported by host-gw backend",
    );
  }
  return {
    type: "host-gw",
    mtu: external.mtu,
    // The way to our own pods is Docker's to make.
    attach: async () => undefined,
    sync: (peers) => syncRoutes(external.name, peers.map(directRoute), config, run),
  };
}

/** Straight to the other host, which is on the same link. */
export function directRoute({ subnet, attributes }: Lease): Route {
  return { destination: subnet, gateway: attributes.publicAddress, isOnLink: false };
}

/**
 * Gives the endpoints of services that ask for it their hints, and says when hints begin and end, and why
 * there are none.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/reconciler.go (reconcileByAddressType),
 * topologycache/event.go
 */
import { Node } from "../../api/node.ts";
import type { Service } from "../../api/service.ts";
import { followsZones } from "../../api/topology-mode.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import type { EndpointGroup } from "./plan.ts";
import { withHints, zoneShares } from "./topology-hints.ts";

export class TopologyHints {
  /** The keys of the services that have hints. */
  readonly #hinted = new Set<string>();

  forget(key: string): void {
    this.#hinted.delete(key);
  }

  added(
    service: Service,
    key: string,
    groups: EndpointGroup[],
    { cached, events }: SyncContext,
  ): EndpointGroup[] {
    const { addressType } = groups[0]!;
    const tell = (type: "Normal" | "Warning", change: string, what: string) =>
      events.event(
        service,
        type,
        `TopologyAwareHints${change}`,
        `${what}, addressType: ${addressType}`,
      );
    if (!followsZones(service)) {
      const had = this.#hinted.delete(key);
      if (had) tell("Warning", "Disabled", "Topology Aware Hints has been disabled");
      return groups;
    }
    const found = withHints(groups, zoneShares(cached(Node).list()));
    if ("why" in found) {
      this.#hinted.delete(key);
      tell("Warning", "Disabled", found.why);
      return groups;
    }
    if (!this.#hinted.has(key)) tell("Normal", "Enabled", "Topology Aware Hints has been enabled");
    this.#hinted.add(key);
    return found.groups;
  }
}

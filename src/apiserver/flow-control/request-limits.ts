/**
 * Which requests are limited, and by what: those that change something by --max-mutating-requests-inflight,
 * those that only look by --max-requests-inflight. Not limited are the administrators and the server itself
 * (system:masters), who must be able to end what ails the cluster, health checks, and what goes on for as long as
 * its client likes: watches, logs and streams.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/filters/{maxinflight,priority-and-fairness}.go.
 * Differs: two priority levels, not eight, and no FlowSchemas.
 */
import type { MetricValue, Registry } from "prom-client";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import { MASTERS } from "../authorization/union.ts";
import type { RequestInfo } from "../request-info.ts";
import { FairLimit } from "./fair-limit.ts";

export interface RequestLimitOptions {
  /** --max-requests-inflight. Default: 400; 0 for no limit. */
  maxRequestsInFlight?: number;
  /** --max-mutating-requests-inflight. Default: 200; 0 for no limit. */
  maxMutatingRequestsInFlight?: number;
}

const READS = new Set(["get", "list", "watch"]);
const STREAMS = new Set(["exec", "attach", "portforward", "proxy", "log"]);
const HEALTH = /^\/(healthz|livez|readyz)(\/|$)/;

export class RequestLimits {
  readonly reads: FairLimit;
  readonly writes: FairLimit;

  constructor(options: RequestLimitOptions, clock: Clock) {
    this.reads = new FairLimit({ seats: options.maxRequestsInFlight ?? 400, clock });
    this.writes = new FairLimit({ seats: options.maxMutatingRequestsInFlight ?? 200, clock });
  }

  /** Undefined where there is none. */
  limitOf(user: User, info: RequestInfo): FairLimit | undefined {
    const { verb } = info;
    if (verb === "watch" || user.groups.includes(MASTERS)) return undefined;
    if (info.subresource !== "" && STREAMS.has(info.subresource)) return undefined;
    if (info.isResourceRequest) return READS.has(verb) ? this.reads : this.writes;
    if (HEALTH.test(info.path)) return undefined;
    return verb === "get" || verb === "head" ? this.reads : this.writes;
  }

  /** Shows the figures in a registry of prom-client, as they are whenever it is read. */
  addTo(registry: Registry): void {
    const kinds = [
      ["readOnly", this.reads],
      ["mutating", this.writes],
    ] as const;
    const perKind = (figure: (limit: FairLimit) => number) =>
      kinds.map(([kind, limit]) => ({ labels: { request_kind: kind }, value: figure(limit) }));
    const add = (name: string, type: string, help: string, values: () => MetricValue<string>[]) => {
      const get = async () => ({ name, help, type, aggregator: "sum", values: values() });
      (registry.registerMetric as (metric: unknown) => void).call(registry, { name, get });
    };
    add(
      "apiserver_current_inflight_requests",
      "gauge",
      "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
      () => perKind(({ inFlight }) => inFlight),
    );
    add(
      "apiserver_current_inqueue_requests",
      "gauge",
      "Maximal number of queued requests in this apiserver per request kind in last second.",
      () => perKind(({ waiting }) => waiting),
    );
    add(
      "apiserver_flowcontrol_rejected_requests_total",
      "counter",
      "Number of requests rejected by API Priority and Fairness subsystem",
      () => kinds.flatMap(([kind, limit]) => rejectionsOf(kind, limit)),
    );
  }
}

function rejectionsOf(kind: string, { rejected }: FairLimit): MetricValue<string>[] {
  return Object.entries(rejected).map(([reason, value]) => ({
    labels: { priority_level: kind, flow_schema: kind, reason },
    value,
  }));
}

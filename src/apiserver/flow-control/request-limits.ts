/**
 * Which requests are limited: all but those that go on for as long as their client likes (watches, logs, streams).
 * How many at a time there are in all, --max-requests-inflight and --max-mutating-requests-inflight say together;
 * whose turn it is, the priority levels (flow-control.ts).
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go
 */
import type { MetricValue, Registry } from "prom-client";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import type { RequestInfo } from "../request-info.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { FairLimit } from "./fair-limit.ts";
import { FlowControl } from "./flow-control.ts";

export interface RequestLimitOptions {
  /** --max-requests-inflight. Default: 400. */
  maxRequestsInFlight?: number;
  /** --max-mutating-requests-inflight. Default: 200. With both 0 there is no limit. */
  maxMutatingRequestsInFlight?: number;
}

/** What one request is subject to. */
export interface Turn {
  /** Which objects decided; told in the answer. */
  headers: Record<string, string>;
  limit: FairLimit | undefined;
  /** Among whose requests of the level it waits. */
  flow: string;
}

const READS = new Set(["get", "list", "watch", "head"]);
const STREAMS = new Set(["exec", "attach", "portforward", "proxy", "log"]);

export class RequestLimits {
  readonly #flowControl: FlowControl;
  readonly #inFlight = { readOnly: 0, mutating: 0 };

  constructor(options: RequestLimitOptions, around: { cache: WatchCache; clock: Clock }) {
    const { maxRequestsInFlight = 400, maxMutatingRequestsInFlight = 200 } = options;
    const seats = maxRequestsInFlight + maxMutatingRequestsInFlight;
    this.#flowControl = new FlowControl({ ...around, seats });
  }

  /** Undefined where the request goes on for as long as its client likes. */
  turnOf(user: User, info: RequestInfo): Turn | undefined {
    if (STREAMS.has(info.subresource)) return undefined;
    const classified = this.#flowControl.classify(user, info);
    if (classified === undefined) return undefined;
    const { schema, level, limit } = classified;
    const headers = {
      "x-kubernetes-pf-flowschema-uid": schema.metadata.uid ?? "",
      "x-kubernetes-pf-prioritylevel-uid": level.metadata.uid ?? "",
    };
    const by = schema.spec.distinguisherMethod?.type;
    const who = by === "ByUser" ? user.name : by === "ByNamespace" ? info.namespace : "";
    const isLimited = info.verb !== "watch";
    return {
      headers,
      limit: isLimited ? limit : undefined,
      flow: `${schema.metadata.name}\n${who}`,
    };
  }

  /** Counts a request that is answered now; what it returns is to be called when it has been. */
  count({ verb }: RequestInfo): () => void {
    const kind = READS.has(verb) ? "readOnly" : "mutating";
    this.#inFlight[kind]++;
    return () => void this.#inFlight[kind]--;
  }

  /** Shows the figures in a registry of prom-client, as they are whenever it is read. */
  addTo(registry: Registry): void {
    const add = (name: string, type: string, help: string, values: () => MetricValue<string>[]) => {
      const get = async () => ({ name, help, type, aggregator: "sum", values: values() });
      (registry.registerMetric as (metric: unknown) => void).call(registry, { name, get });
    };
    const perLevel = (figure: (limit: FairLimit) => number) =>
      [...this.#flowControl.limits()].map(([name, limit]) => ({
        labels: { priority_level: name },
        value: figure(limit),
      }));
    add(
      "apiserver_current_inflight_requests",
      "gauge",
      "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
      () =>
        Object.entries(this.#inFlight).map(([request_kind, value]) => ({
          labels: { request_kind },
          value,
        })),
    );
    add(
      "apiserver_flowcontrol_current_executing_requests",
      "gauge",
      "Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem",
      () => perLevel(({ inFlight }) => inFlight),
    );
    add(
      "apiserver_flowcontrol_current_inqueue_requests",
      "gauge",
      "Number of requests currently pending in queues of the API Priority and Fairness subsystem",
      () => perLevel(({ waiting }) => waiting),
    );
    add(
      "apiserver_flowcontrol_nominal_limit_seats",
      "gauge",
      "Nominal number of execution seats configured for each priority level",
      () => perLevel(({ seats }) => seats),
    );
    add(
      "apiserver_flowcontrol_rejected_requests_total",
      "counter",
      "Number of requests rejected by API Priority and Fairness subsystem",
      () => [...this.#flowControl.limits()].flatMap(([name, limit]) => rejectionsOf(name, limit)),
    );
  }
}

function rejectionsOf(level: string, { rejected }: FairLimit): MetricValue<string>[] {
  return Object.entries(rejected).map(([reason, value]) => ({
    labels: { priority_level: level, reason },
    value,
  }));
}

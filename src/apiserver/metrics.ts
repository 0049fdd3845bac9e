/**
 * What the server counts of its requests. Counting is on the way of every request, so it is a few additions;
 * prom-client comes in when somebody reads the figures.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/metrics/metrics.go
 */
import type { MetricValue, Registry } from "prom-client";
import type { RequestInfo } from "./request-info.ts";

const BUCKETS_SECONDS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 30, 60,
];

interface Series {
  labels: Record<string, string>;
  /** How many took at most so long, by bucket; not cumulative. */
  counts: number[];
  count: number;
  sumSeconds: number;
}

const NOTHING = { group: "", version: "", resource: "", subresource: "" };

export class RequestMetrics {
  readonly #series = new Map<string, Series>();
  readonly #isServed: (info: RequestInfo) => boolean;

  /** What is not served is counted as one, for whoever asks can make up any number of names. */
  constructor(isServed: (info: RequestInfo) => boolean) {
    this.#isServed = isServed;
  }

  observe(asked: RequestInfo, status: number, durationMs: number): void {
    const info = this.#isServed(asked) ? asked : { ...asked, ...NOTHING };
    const { verb, group, version, resource, subresource } = info;
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${status}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = newSeries(info, status);
      this.#series.set(key, series);
    }
    series.count++;
    // How long a watch lasts is not how long it took to answer.
    if (verb === "watch") return;
    const seconds = durationMs / 1000;
    series.sumSeconds += seconds;
    const bucket = BUCKETS_SECONDS.findIndex((most) => seconds <= most);
    if (bucket >= 0) series.counts[bucket]!++;
  }

  /** Shows the figures in a registry of prom-client, as they are whenever it is read. */
  addTo(registry: Registry): void {
    const add = registry.registerMetric.bind(registry) as (metric: unknown) => void;
    add({
      name: "apiserver_request_total",
      get: async () => ({
        name: "apiserver_request_total",
        help: "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.",
        type: "counter",
        aggregator: "sum",
        values: [...this.#series.values()].map(({ labels, count }) => ({ labels, value: count })),
      }),
    });
    add({
      name: "apiserver_request_duration_seconds",
      get: async () => ({
        name: "apiserver_request_duration_seconds",
        help: "Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.",
        type: "histogram",
        aggregator: "sum",
        values: [...this.#series.values()].flatMap(durationValues),
      }),
    });
  }
}

function newSeries({ verb, group, version, resource, subresource }: RequestInfo, status: number) {
  const labels = {
    verb: verb.toUpperCase(),
    group,
    version,
    resource,
    subresource,
    code: String(status),
    component: "apiserver",
  };
  return { labels, counts: BUCKETS_SECONDS.map(() => 0), count: 0, sumSeconds: 0 };
}

function durationValues({ labels, counts, count, sumSeconds }: Series): MetricValue<string>[] {
  if (labels.verb === "WATCH") return [];
  const { code: _, ...rest } = labels;
  const name = "apiserver_request_duration_seconds";
  let sum = 0;
  const buckets = BUCKETS_SECONDS.map((most, i) => {
    sum += counts[i]!;
    return { labels: { ...rest, le: String(most) }, value: sum, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels: { ...rest, le: "+Inf" }, value: count, metricName: `${name}_bucket` },
    { labels: rest, value: sumSeconds, metricName: `${name}_sum` },
    { labels: rest, value: count, metricName: `${name}_count` },
  ] as unknown as MetricValue<string>[];
}

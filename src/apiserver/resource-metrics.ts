/**
 * The resource metrics API, metrics.k8s.io: what nodes and pods use, asked of their kubelets. It is what
 * `kubectl top` shows and what the autoscaler goes by.
 *
 * A kubelet is asked at most every few seconds; one that does not answer is left out. Who registers a
 * metrics server of their own takes this group over.
 *
 * In Kubernetes: sigs.k8s.io/metrics-server, a server of its own behind the aggregator. Differs: part of
 * the API server; reads when asked, not all the time.
 */
import { type ApiError, notFound, pathNotFound } from "../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../api/kind.ts";
import {
  METRICS_GROUP,
  METRICS_VERSION,
  metricsKinds,
  NodeMetrics,
  PodMetrics,
  type Usage,
} from "../api/metrics/resource-metrics.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { formatQuantity } from "../api/quantity.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import { json, methodNotAllowed } from "./answer.ts";
import { formOf } from "./form.ts";
import { askKubelet, type KubeletConnector } from "./kubelet-connection.ts";
import type { Call } from "./resource-handler.ts";
import type { Resources } from "./resources.ts";
import { selectionOf } from "./selection.ts";
import type { WatchCache } from "./storage/watch-cache.ts";
import { tableOf } from "./table.ts";

export interface ResourceMetricsOptions {
  resources: Resources;
  cache: WatchCache;
  connectToKubelet: KubeletConnector;
  clock: Clock;
  log: Log;
}

/** Of a kubelet's /stats/summary, what is needed here. */
interface Figures {
  cpu?: { time: string; usageNanoCores?: number };
  memory?: { workingSetBytes?: number };
}

interface Summary {
  node: Figures;
  pods: {
    podRef: { name: string; namespace: string; uid: string };
    cpu?: { time: string };
    containers: (Figures & { name: string })[];
  }[];
}

interface Asked {
  atMs: number;
  summary: Promise<Summary | undefined>;
}

const FRESH_MS = 5_000;
const WINDOW = "15s";
const API_VERSION = `${METRICS_GROUP}/${METRICS_VERSION}`;

export function serveResourceMetrics(options: ResourceMetricsOptions): void {
  const metrics = new ResourceMetrics(options);
  options.resources.setCustom(METRICS_GROUP, metricsKinds);
  options.resources.setClaim(METRICS_GROUP, METRICS_VERSION, metrics);
}

class ResourceMetrics {
  readonly #options: ResourceMetricsOptions;
  readonly #asked = new Map<string, Asked>();

  constructor(options: ResourceMetricsOptions) {
    this.#options = options;
  }

  async answer(call: Call) {
    const { info } = call;
    const kind = metricsKinds.find(({ plural }) => plural === info.resource);
    if (kind === undefined || info.subresource !== "") throw pathNotFound();
    if (info.verb !== "get" && info.verb !== "list") throw methodNotAllowed();
    const items = kind === NodeMetrics ? await this.#ofNodes(call) : await this.#ofPods(call);
    const { isPretty, shape, table } = formOf(call, this.#options.clock);
    if (info.verb === "get" && items.length === 0) {
      throw this.#missing(call, kind === NodeMetrics ? Node : Pod);
    }
    if (shape === "table") return json(tableOf(kind, items, {}, table), 200, isPretty);
    if (info.verb === "get") return json(items[0], 200, isPretty);
    const list = { kind: `${kind.kind}List`, apiVersion: API_VERSION, metadata: {}, items };
    return json(list, 200, isPretty);
  }

  async #ofNodes(call: Call): Promise<NodeMetrics[]> {
    const nodes = this.#selected(call, Node);
    const summaries = await Promise.all(nodes.map((node) => this.#summaryOf(node)));
    return nodes.flatMap(({ metadata }, index) => {
      const figures = summaries[index]?.node;
      if (figures?.cpu === undefined) return [];
      return [
        { ...headOf(NodeMetrics.kind, metadata), ...readAt(figures.cpu), usage: usageOf(figures) },
      ];
    });
  }

  async #ofPods(call: Call): Promise<PodMetrics[]> {
    const pods = this.#selected(call, Pod);
    const names = new Set(pods.map(({ spec }) => spec.nodeName ?? ""));
    const nodes = this.#nodes().filter(({ metadata }) => names.has(metadata.name));
    const summaries = await Promise.all(nodes.map((node) => this.#summaryOf(node)));
    const figures = new Map(
      summaries.flatMap((summary) => summary?.pods ?? []).map((one) => [one.podRef.uid, one]),
    );
    return pods.flatMap(({ metadata }) => {
      const found = figures.get(metadata.uid ?? "");
      if (found?.cpu === undefined) return [];
      const containers = found.containers.map((one) => ({ name: one.name, usage: usageOf(one) }));
      return [{ ...headOf(PodMetrics.kind, metadata), ...readAt(found.cpu), containers }];
    });
  }

  #selected<T extends KubeObject>({ info }: Call, kind: Kind<T>): T[] {
    const selection = selectionOf(info, kind as unknown as Kind);
    const { items } = this.#options.cache.resource(prefixOf(kind)).list(selection.prefix);
    return items.filter((one) => selection.matches(one)).map(({ object }) => object as T);
  }

  /** There is no such pod or node, or nobody has measured it yet. */
  #missing(call: Call, kind: Kind): ApiError {
    const { namespace, name } = call.info;
    if (this.#selected(call, kind).length === 0) return notFound(kind, name);
    const measured = kind.kind === "Node" ? "nodemetrics" : "podmetrics";
    const full = namespace === "" ? name : `${namespace}/${name}`;
    return notFound({ group: "metrics.k8s.io", plural: measured }, full);
  }

  #nodes(): Node[] {
    const { items } = this.#options.cache.resource(prefixOf(Node)).list();
    return items.map(({ object }) => object as Node);
  }

  #summaryOf(node: Node): Promise<Summary | undefined> {
    const { name } = node.metadata;
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#asked.get(name);
    if (before !== undefined && nowMs - before.atMs < FRESH_MS) return before.summary;
    const summary = this.#ask(node).catch((error: Error) => {
      this.#options.log.info(
        "A kubelet did not say what its pods use",
        { node: name, error: error.message },
        1,
      );
      return undefined;
    });
    for (const [other, { atMs }] of this.#asked) {
      if (nowMs - atMs >= FRESH_MS) this.#asked.delete(other);
    }
    this.#asked.set(name, { atMs: nowMs, summary });
    return summary;
  }

  async #ask(node: Node): Promise<Summary> {
    const stream = await this.#options.connectToKubelet(node);
    const answer = await askKubelet(stream, "GET", "/stats/summary");
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (answer.statusCode !== 200)
      throw new Error(`the kubelet answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text) as Summary;
  }
}

function prefixOf<T extends KubeObject>(kind: Kind<T>): string {
  return storageKey(kind as unknown as Kind);
}

function headOf(kind: string, { name, namespace, labels }: KubeObject["metadata"]) {
  const metadata = { name, ...(namespace && { namespace }), ...(labels && { labels }) };
  return { kind, apiVersion: API_VERSION, metadata };
}

function readAt({ time }: { time: string }) {
  return { timestamp: time, window: WINDOW };
}

function usageOf({ cpu, memory }: Figures): Usage {
  const nano = BigInt(Math.round(cpu?.usageNanoCores ?? 0));
  const kibibytes = Math.ceil((memory?.workingSetBytes ?? 0) / 1024);
  return { cpu: formatQuantity({ nano, notation: "decimal" }), memory: `${kibibytes}Ki` };
}

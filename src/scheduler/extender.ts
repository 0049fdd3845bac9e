/**
 * One extender: an HTTP service with a verb for each question.
 *
 *   POST <urlPrefix>/<filterVerb>      {pod, nodes | nodenames} -> {nodes | nodenames, failedNodes, error}
 *   POST <urlPrefix>/<prioritizeVerb>  {pod, nodes | nodenames} -> [{host, score}]
 *   POST <urlPrefix>/<preemptVerb>     {pod, nodeNameToMetaVictims} -> {nodeNameToMetaVictims}
 *   POST <urlPrefix>/<bindVerb>        {podName, podNamespace, podUID, node} -> {error}
 *
 * In Kubernetes: pkg/scheduler/extender.go, staging/src/k8s.io/kube-scheduler/extender/v1/types.go
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import {
  createHttpTransport,
  type HttpTransport,
  type TlsMaterial,
} from "../client/http-transport.ts";
import type { Clock } from "../component/clock.ts";
import type { Verdict } from "./decision.ts";
import { unresolvable, unschedulable } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Candidate } from "./preemption/victims.ts";

export interface ExtenderOptions {
  urlPrefix: string;
  filterVerb?: string;
  prioritizeVerb?: string;
  preemptVerb?: string;
  bindVerb?: string;
  weight?: number;
  httpTimeoutMs?: number;
  nodeCacheCapable?: boolean;
  managedResources?: readonly string[];
  ignorable?: boolean;
  tls?: TlsMaterial;
}

interface FilterResult {
  nodes?: { items?: Node[] } | null;
  nodenames?: string[] | null;
  failedNodes?: Record<string, string> | null;
  failedAndUnresolvableNodes?: Record<string, string> | null;
  error?: string;
}

interface MetaVictims {
  pods: { uid: string }[] | null;
  numPDBViolations: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;

export class Extender {
  readonly #options: ExtenderOptions;
  readonly #clock: Clock;
  readonly #connection: HttpTransport;

  constructor(options: ExtenderOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#connection = createHttpTransport(options.urlPrefix, options.tls);
  }

  close(): void {
    this.#connection.close();
  }

  get url(): string {
    return this.#options.urlPrefix;
  }

  get weight(): number {
    return this.#options.weight ?? 1;
  }

  get isIgnorable(): boolean {
    return this.#options.ignorable ?? false;
  }

  get filters(): boolean {
    return Boolean(this.#options.filterVerb);
  }

  get prioritizes(): boolean {
    return Boolean(this.#options.prioritizeVerb);
  }

  get preempts(): boolean {
    return Boolean(this.#options.preemptVerb);
  }

  get binds(): boolean {
    return Boolean(this.#options.bindVerb);
  }

  /** In all pods, or in those that ask for a resource it manages. */
  isInterestedIn({ spec }: Pod): boolean {
    const managed = this.#options.managedResources ?? [];
    if (managed.length === 0) return true;
    const asked = new Set(resourceNames(spec));
    return managed.some((name) => asked.has(name));
  }

  async filter(
    pod: Pod,
    nodes: readonly NodeInfo[],
  ): Promise<{ nodes: NodeInfo[]; refused: Verdict[] }> {
    const { filterVerb = "" } = this.#options;
    const result = (await this.#post(filterVerb, this.#question(pod, nodes))) as FilterResult;
    if (result.error) throw new Error(result.error);
    const { failedNodes, failedAndUnresolvableNodes } = result;
    const hopeless = Object.entries(failedAndUnresolvableNodes ?? {});
    const failed = Object.entries(failedNodes ?? {}).filter(
      ([name]) => failedAndUnresolvableNodes?.[name] === undefined,
    );
    return {
      nodes: this.#named(namesIn(result), nodes),
      refused: [
        ...hopeless.map(([node, why]) => ({
          node,
          plugin: this.url,
          rejection: unresolvable(why),
        })),
        ...failed.map(([node, why]) => ({ node, plugin: this.url, rejection: unschedulable(why) })),
      ],
    };
  }

  /** In the order of the nodes; 0 for those it says nothing about. */
  async prioritize(pod: Pod, nodes: readonly NodeInfo[]): Promise<number[]> {
    const { prioritizeVerb = "" } = this.#options;
    const answer = await this.#post(prioritizeVerb, this.#question(pod, nodes));
    const scores = new Map(
      (answer as { host: string; score: number }[]).map(({ host, score }) => [host, score]),
    );
    return nodes.map(({ name }) => scores.get(name) ?? 0);
  }

  async reviewPreemption(
    pod: Pod,
    candidates: readonly Candidate[],
    nodes: readonly NodeInfo[],
  ): Promise<Candidate[]> {
    const { preemptVerb = "" } = this.#options;
    const nodeNameToMetaVictims = Object.fromEntries(
      candidates.map(({ node, victims, violations }): [string, MetaVictims] => [
        node,
        { pods: victims.map(({ uid = "" }) => ({ uid })), numPDBViolations: violations },
      ]),
    );
    const answer = (await this.#post(preemptVerb, { pod, nodeNameToMetaVictims })) as {
      nodeNameToMetaVictims?: Record<string, MetaVictims>;
    };
    return Object.entries(answer.nodeNameToMetaVictims ?? {}).map(([node, { pods, ...rest }]) => {
      const there = nodes.find(({ name }) => name === node)?.pods.values() ?? [];
      const wanted = new Set((pods ?? []).map(({ uid }) => uid));
      const victims = [...there].filter(({ uid = "" }) => wanted.has(uid));
      const sorted = victims.toSorted((a, b) => b.priority - a.priority);
      return { node, victims: sorted, violations: rest.numPDBViolations };
    });
  }

  async bind({ metadata }: Pod, node: string): Promise<void> {
    const { namespace: podNamespace, name: podName, uid: podUID } = metadata;
    const { bindVerb = "" } = this.#options;
    const body = { podName, podNamespace, podUID, node };
    const { error } = (await this.#post(bindVerb, body)) as { error?: string };
    if (error) throw new Error(error);
  }

  /** The names alone for one that keeps the nodes itself. */
  #question(pod: Pod, nodes: readonly NodeInfo[]): object {
    if (this.#options.nodeCacheCapable) return { pod, nodenames: nodes.map(({ name }) => name) };
    return { pod, nodes: { metadata: {}, items: nodes.map(({ node }) => node) } };
  }

  #named(names: readonly string[], nodes: readonly NodeInfo[]): NodeInfo[] {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    return names.map((name) => {
      const node = byName.get(name);
      if (node) return node;
      throw new Error(
        `extender ${JSON.stringify(this.url)} claims a filtered node ${JSON.stringify(name)} which is not found in the input node list`,
      );
    });
  }

  async #post(verb: string, body: object): Promise<unknown> {
    const giveUp = new AbortController();
    const { httpTimeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const late = new Error(`${verb} at ${this.url}: context deadline exceeded`);
    const timer = this.#clock.setTimeout(() => giveUp.abort(late), httpTimeoutMs);
    try {
      const { status, body: answer } = await this.#connection.transport({
        method: "POST",
        path: `/${verb}`,
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify(body)),
        signal: giveUp.signal,
      });
      if (status === 200 && answer.type === "bytes") {
        return JSON.parse(Buffer.concat(answer.chunks).toString());
      }
      throw new Error(`failed ${verb} with extender at URL ${this.url}, code ${status}`);
    } finally {
      timer.cancel();
    }
  }
}

function namesIn({ nodes, nodenames }: FilterResult): string[] {
  return nodenames ?? nodes?.items?.map(({ metadata }) => metadata.name) ?? [];
}

function resourceNames(spec: PodSpec): string[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return containers.flatMap(({ resources = {} }) => [
    ...Object.keys(resources.requests ?? {}),
    ...Object.keys(resources.limits ?? {}),
  ]);
}

/**
 * A pod with what the scheduler has worked out about it once, to be used for every node.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (PodInfo)
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import type { Pod } from "../api/pod.ts";
import { podRequests } from "../api/resources.ts";
import { keyOf } from "../client/object-cache.ts";
import { affinityTermsOf, type PodAffinityTerms } from "./affinity-term.ts";
import { type HostPort, hostPortsOf } from "./host-ports.ts";
import { isNothing, type ResourceSums, sumsOf } from "./resource-sums.ts";

/** What a container that asks for nothing is taken to need, when nodes are compared. */
const LEAST_REQUESTS = { cpu: "100m", memory: String(200 * 1024 * 1024) };

export class PodInfo {
  readonly key: string;
  readonly pod: Pod;
  readonly priority: number;
  readonly requests: ResourceSums;
  readonly asksForNothing: boolean;
  readonly nonZeroRequests: ResourceSums;
  readonly hostPorts: readonly HostPort[];
  /** Whether it says which other pods it wants near or away. */
  readonly hasAffinity: boolean;
  #terms: PodAffinityTerms | undefined;
  #startMs: number | undefined;
  #likeness: string | undefined;
  #affinityLikeness: string | undefined;

  /** `known`: the same pod as it was worked out before. What containers ask for does not change. */
  constructor(pod: Pod, known?: PodInfo) {
    this.key = keyOf(pod.metadata);
    this.pod = pod;
    this.priority = pod.spec.priority ?? 0;
    const before = known !== undefined && known.uid === pod.metadata.uid ? known : undefined;
    this.requests = before?.requests ?? sumsOf(podRequests(pod.spec));
    this.asksForNothing = before?.asksForNothing ?? isNothing(this.requests);
    this.nonZeroRequests =
      before?.nonZeroRequests ??
      (asksForBoth(pod.spec) ? this.requests : sumsOf(podRequests(askingForSomething(pod.spec))));
    this.hostPorts = before?.hostPorts ?? hostPortsOf(pod.spec);
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
    this.hasAffinity = podAffinity !== undefined || podAntiAffinity !== undefined;
  }

  get spec(): PodSpec {
    return this.pod.spec;
  }

  get uid(): string | undefined {
    return this.pod.metadata.uid;
  }

  get namespace(): string {
    return this.pod.metadata.namespace ?? "default";
  }

  get labels(): Record<string, string> {
    return this.pod.metadata.labels ?? {};
  }

  /** When its kubelet took it on. One that has not been taken on is as young as can be. */
  get startMs(): number {
    const { startTime } = this.pod.status ?? {};
    this.#startMs ??= startTime === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(startTime);
    return this.#startMs;
  }

  /** Pods in which this is the same are selected by the same selectors. */
  get likeness(): string {
    const { namespace, labels } = this;
    const isGoing = this.pod.metadata.deletionTimestamp !== undefined;
    this.#likeness ??= JSON.stringify([namespace, isGoing, ...Object.entries(labels).sort()]);
    return this.#likeness;
  }

  /** Pods in which this is the same want the same pods near or away. */
  get affinityLikeness(): string {
    const { podAffinity, podAntiAffinity } = this.pod.spec.affinity ?? {};
    this.#affinityLikeness ??= JSON.stringify([this.namespace, podAffinity, podAntiAffinity]);
    return this.#affinityLikeness;
  }

  /** Its affinity to pods, read when it is first asked for. */
  get affinityTerms(): PodAffinityTerms {
    this.#terms ??= affinityTermsOf(this.pod);
    return this.#terms;
  }
}

function asksForBoth({ containers }: PodSpec): boolean {
  return containers.every(({ resources }) => resources?.requests?.cpu && resources.requests.memory);
}

function askingForSomething(spec: PodSpec): PodSpec {
  const raised = (container: Container): Container => {
    const requests = { ...LEAST_REQUESTS, ...container.resources?.requests };
    return { ...container, resources: { requests } };
  };
  return { ...spec, containers: spec.containers.map(raised) };
}

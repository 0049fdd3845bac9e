/**
 * What the checks of pod security share: all containers of a pod, and how names are told.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/policy/{visitor,helpers}.go
 */
import type { Container, PodSpec, SecurityContext } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "../../api/kind.ts";

/** What is wrong, in general and in this case. */
export interface Violation {
  reason: string;
  detail: string;
}

export interface CheckedPod {
  metadata: Partial<ObjectMeta>;
  spec: PodSpec;
}

export type Check = (pod: CheckedPod, minor: number) => Violation | undefined;

export function containersOf({
  initContainers = [],
  containers,
  ephemeralContainers = [],
}: PodSpec) {
  return [...initContainers, ...(containers ?? []), ...(ephemeralContainers as Container[])];
}

export function contextOf({ securityContext }: Container): SecurityContext {
  return securityContext ?? {};
}

export function quoted(values: Iterable<string>): string {
  return [...values].map((one) => `"${one}"`).join(", ");
}

export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].toSorted();
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `container "a"`, `containers "a", "b"` */
export function containersText(containers: readonly Container[]): string {
  return `${plural("container", containers.length)} ${quoted(containers.map(({ name }) => name))}`;
}

/** `pod and container "a"`: who set what must not be set. */
export function settersText(isPod: boolean, containers: readonly Container[]): string {
  const setters = isPod ? ["pod"] : [];
  if (containers.length > 0) setters.push(containersText(containers));
  return setters.join(" and ");
}

/** Since 1.25 a pod for Windows need not do what means nothing there. */
export function isForWindows({ os }: PodSpec, minor: number): boolean {
  return minor >= 25 && os?.name === "windows";
}

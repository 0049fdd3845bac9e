/**
 * Which API group a client should ask first for a name that several have: the one with the higher number.
 *
 * In Kubernetes: apiVersionPriorities in cmd/kube-apiserver/app/aggregator.go
 */

/** The aggregator shows its own group before all others. */
const PRIORITIES: Record<string, number> = {
  "apiregistration.k8s.io": 20_000,
  "": 18_000,
  apps: 17_800,
  "events.k8s.io": 17_750,
  "authentication.k8s.io": 17_700,
  "authorization.k8s.io": 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  "certificates.k8s.io": 17_300,
  "networking.k8s.io": 17_200,
  policy: 17_100,
  "rbac.authorization.k8s.io": 17_000,
  "storage.k8s.io": 16_800,
  "admissionregistration.k8s.io": 16_700,
  "apiextensions.k8s.io": 16_700,
  "scheduling.k8s.io": 16_600,
  "coordination.k8s.io": 16_500,
  "node.k8s.io": 16_300,
  "discovery.k8s.io": 16_200,
  "flowcontrol.apiserver.k8s.io": 16_100,
};
/** Of a group that a definition brings. */
const OTHER = 1000;

export function groupPriority(group: string): number {
  return Object.hasOwn(PRIORITIES, group) ? PRIORITIES[group]! : OTHER;
}

/** For sorting: higher priority first, then by name. */
export function byPriority(a: string, b: string): number {
  return groupPriority(b) - groupPriority(a) || (a < b ? -1 : 1);
}

/**
 * Tokens that lie in Secrets and have no end: the labels that say on which day one was used last, and since which
 * it is no longer taken; and where it is written down since when that is known.
 *
 * In Kubernetes: pkg/serviceaccount/util.go, pkg/controlplane/controller/legacytokentracking/controller.go
 */
export const LAST_USED_LABEL = "kubernetes.io/legacy-token-last-used";
export const INVALID_SINCE_LABEL = "kubernetes.io/legacy-token-invalid-since";
export const TRACKING_CONFIG_MAP = "kube-apiserver-legacy-service-account-token-tracking";
export const TRACKING_SINCE = "since";

const DAY = /^\d{4}-\d\d-\d\d$/;

/** "2026-11-22" */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

export function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text));
}

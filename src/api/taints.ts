/**
 * Taints keep pods off a node; a toleration lets one taint pass.
 *
 * In Kubernetes: staging/src/k8s.io/api/core/v1/toleration.go
 */
import type { Taint, Toleration } from "kubernetes-types/core/v1.js";

export type MatchedTaint = Pick<Taint, "key" | "effect" | "value">;

/** Whether one of the tolerations lets the taint pass. */
export function toleratesTaint(
  tolerations: readonly Toleration[] | undefined,
  taint: MatchedTaint,
): boolean {
  return tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false;
}

/** An empty effect or key stands for all; without an operator, values must be equal. */
export function tolerates(toleration: Toleration, taint: MatchedTaint): boolean {
  const { key = "", effect = "", operator = "", value = "" } = toleration;
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (operator === "" || operator === "Equal") && value === (taint.value ?? "");
}

/**
 * Requests and limits of a container as the runtime takes them.
 *
 * In Kubernetes: pkg/kubelet/cm/helpers_linux.go, pkg/kubelet/qos/policy.go
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import { milliValue, quantityOf, wholeValue } from "../../api/quantity.ts";
import { qosClassOf } from "../../api/resources.ts";
import type { ResourceLimits } from "../runtime/runtime.ts";

const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const GUARANTEED_OOM_SCORE = -997;
const BEST_EFFORT_OOM_SCORE = 1000;

export function containerResources(
  spec: PodSpec,
  container: Container,
  nodeMemoryBytes: number,
): ResourceLimits {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const cpu = milliValue(quantityOf(requests.cpu ?? limits.cpu));
  const shares = Math.floor((cpu * 1024) / 1000);
  return {
    cpuShares: Math.min(Math.max(shares, MIN_SHARES), MAX_SHARES),
    cpuLimitMilli: milliValue(quantityOf(limits.cpu)),
    memoryLimitBytes: wholeValue(quantityOf(limits.memory)),
    oomScoreAdjust: oomScore(spec, requests.memory ?? limits.memory, nodeMemoryBytes),
  };
}

/** The more of the node's memory a burstable container has asked for, the later it is killed. */
function oomScore(spec: PodSpec, request: string | undefined, nodeMemoryBytes: number): number {
  const qos = qosClassOf(spec);
  if (qos === "Guaranteed") return GUARANTEED_OOM_SCORE;
  if (qos === "BestEffort") return BEST_EFFORT_OOM_SCORE;
  const score = 1000 - Math.floor((1000 * wholeValue(quantityOf(request))) / nodeMemoryBytes);
  const lowest = 1000 + GUARANTEED_OOM_SCORE;
  return Math.min(Math.max(score, lowest), BEST_EFFORT_OOM_SCORE - 1);
}

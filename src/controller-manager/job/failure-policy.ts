/**
 * What the failure of a pod means to its job: the first rule that fits decides. Without one, it counts.
 *
 * In Kubernetes: pkg/controller/job/pod_failure_policy.go
 */
import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
} from "kubernetes-types/batch/v1.js";
import type { ContainerStatus, PodCondition } from "kubernetes-types/core/v1.js";
import type { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/pod.ts";

export interface FailureVerdict {
  action?: string;
  /** Whether it counts towards the back-off limit. */
  isCounted: boolean;
  /** Why the whole job fails with it. */
  failsJob?: string;
}

export function verdictOnFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const cause = onExitCodes
      ? exitMatching(pod, onExitCodes)
      : conditionMatching(pod, onPodConditions ?? []);
    if (cause === undefined) continue;
    if (action !== "FailJob") return { action, isCounted: action !== "Ignore" };
    return {
      action,
      isCounted: true,
      failsJob: `${cause} matching FailJob rule at index ${index}`,
    };
  }
  return { isCounted: true };
}

/** Who replaces pods only once they have failed waits for those that are being deleted. */
export function onlyReplacesFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** A pod that is deleted before it ended has failed as well, unless the job waits for its end. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (onlyReplacesFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== "Succeeded";
}

function exitMatching(
  { metadata, status }: Pod,
  requirement: PodFailurePolicyOnExitCodesRequirement,
): string | undefined {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const match = statuses.find((one) => fitsExitCodes(one, requirement));
  if (match === undefined) return undefined;
  const { namespace, name } = metadata;
  const code = match.state?.terminated?.exitCode;
  return `Container ${match.name} for pod ${namespace}/${name} failed with exit code ${code}`;
}

function fitsExitCodes(
  { name, state }: ContainerStatus,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): boolean {
  const code = state?.terminated?.exitCode ?? 0;
  if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
  return values.includes(code) === (operator === "In");
}

function conditionMatching(
  { metadata, status }: Pod,
  patterns: PodFailurePolicyOnPodConditionsPattern[],
): string | undefined {
  const fits = (condition: PodCondition) =>
    patterns.some(({ type, status }) => condition.type === type && condition.status === status);
  const match = status?.conditions?.find(fits);
  if (match === undefined) return undefined;
  return `Pod ${metadata.namespace}/${metadata.name} has condition ${match.type}`;
}

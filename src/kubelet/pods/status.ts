/**
 * The status of a pod, as the API shows it: a pure function of spec, runtime state and probes.
 *
 * In Kubernetes: generateAPIPodStatus in pkg/kubelet/kubelet_pods.go
 */
import type { PodStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { qosClassOf } from "../../api/resources.ts";
import { type StatusInput, statusesOf } from "../containers/statuses.ts";
import { conditionsOf } from "./conditions.ts";
import { type Phase, phaseOf } from "./phase.ts";
import { type PodState, readySandbox } from "./state.ts";

/** Why a pod was ended by its node: "DeadlineExceeded", "Evicted", "NodeAffinity". */
export interface PodEnd {
  reason: string;
  message: string;
}

export interface PodStatusInput
  extends Pick<StatusInput, "waiting" | "isReady" | "hasStarted" | "runtimeName" | "isTerminal"> {
  state: PodState;
  hostIP: string;
  /** Now, as the API writes it. */
  now: string;
  end?: PodEnd | undefined;
}

export function podStatusOf(pod: Pod, input: PodStatusInput): PodStatus {
  const { spec, status: old = {} } = pod;
  const forOf = (previous: StatusInput["previous"] = []) => ({ ...input, spec, previous });
  const initStatuses = statusesOf(
    spec.initContainers ?? [],
    "init",
    forOf(old.initContainerStatuses),
  );
  const statuses = statusesOf(spec.containers, "main", forOf(old.containerStatuses));
  const phase = finalPhase(old.phase, input.end, () =>
    phaseOf(spec, initStatuses, statuses, input.isTerminal),
  );
  const sandbox = readySandbox(input.state);
  const conditions = conditionsOf({
    spec,
    phase,
    initStatuses,
    statuses,
    hasSandbox: sandbox !== undefined && (sandbox.hostNetwork || sandbox.ip !== ""),
    previous: old.conditions ?? [],
    now: input.now,
  });
  const { ephemeralContainers = [] } = spec;
  return {
    phase,
    conditions,
    ...(input.end ?? ended(old, phase)),
    hostIP: input.hostIP,
    hostIPs: [{ ip: input.hostIP }],
    ...addressesOf(pod, input),
    startTime: old.startTime ?? input.now,
    ...(initStatuses.length > 0 ? { initContainerStatuses: initStatuses } : {}),
    containerStatuses: statuses,
    ...(ephemeralContainers.length > 0
      ? {
          ephemeralContainerStatuses: statusesOf(
            ephemeralContainers,
            "ephemeral",
            forOf(old.ephemeralContainerStatuses),
          ),
        }
      : {}),
    qosClass: old.qosClass ?? qosClassOf(spec),
  };
}

/** A pod that has ended stays so. */
function finalPhase(old: string | undefined, end: PodEnd | undefined, compute: () => Phase): Phase {
  if (old === "Failed" || old === "Succeeded") return old;
  return end === undefined ? compute() : "Failed";
}

/** Why it ended stays known, though the kubelet that ended it may have been restarted since. */
function ended({ reason, message }: PodStatus, phase: Phase): Partial<PodEnd> {
  if (phase !== "Failed" || reason === undefined) return {};
  return { reason, ...(message === undefined ? {} : { message }) };
}

function addressesOf({ spec, status }: Pod, { state, hostIP }: PodStatusInput): PodStatus {
  const sandbox = readySandbox(state);
  const ip = spec.hostNetwork && sandbox !== undefined ? hostIP : (sandbox?.ip ?? status?.podIP);
  return ip === undefined || ip === "" ? {} : { podIP: ip, podIPs: [{ ip }] };
}

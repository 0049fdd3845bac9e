/**
 * The conditions of a pod that are the kubelet's to set: pure functions of the container statuses.
 *
 * In Kubernetes: pkg/kubelet/status/generate.go
 */
import type { ContainerStatus, PodCondition, PodSpec } from "kubernetes-types/core/v1.js";
import type { Phase } from "./phase.ts";
import { isSidecar } from "./state.ts";

export interface ConditionInput {
  spec: PodSpec;
  phase: Phase;
  initStatuses: ContainerStatus[];
  statuses: ContainerStatus[];
  /** Its sandbox is up and has its network. */
  hasSandbox: boolean;
  /** What is there already: transition times are kept, others' conditions too. */
  previous: PodCondition[];
  now: string;
}

const OWN = [
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
] as const;

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;
const TRUE: Verdict = { status: "True" };

export function conditionsOf(input: ConditionInput): PodCondition[] {
  const containersReady = containersReadyOf(input);
  const verdicts: Record<(typeof OWN)[number], Verdict> = {
    PodReadyToStartContainers: { status: input.hasSandbox ? "True" : "False" },
    Initialized: initializedOf(input),
    Ready: readyOf(input, containersReady),
    ContainersReady: containersReady,
    PodScheduled: TRUE,
  };
  const own = OWN.map((type) => stamped(type, verdicts[type], input));
  const others = input.previous.filter(({ type }) => !(OWN as readonly string[]).includes(type));
  return [...own, ...others];
}

function stamped(type: string, verdict: Verdict, { previous, now }: ConditionInput): PodCondition {
  const before = previous.find((condition) => condition.type === type);
  const isSame = before?.status === verdict.status;
  return {
    type,
    ...verdict,
    lastTransitionTime: (isSame ? before.lastTransitionTime : undefined) ?? now,
  };
}

function containersReadyOf({ spec, phase, statuses, initStatuses }: ConditionInput): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const unready = [
    ...sidecars.filter(({ name }) => !isReady(initStatuses, name)),
    ...spec.containers.filter(({ name }) => !isReady(statuses, name)),
  ];
  return unready.length === 0 ? TRUE : notYet("ContainersNotReady", "unready", unready);
}

function readyOf({ spec, previous }: ConditionInput, containersReady: Verdict): Verdict {
  if (containersReady.status !== "True") return containersReady;
  const missing = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = previous.find(({ type }) => type === conditionType);
    if (condition === undefined) {
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    }
    if (condition.status === "True") return [];
    return [
      `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`,
    ];
  });
  if (missing.length === 0) return TRUE;
  return { status: "False", reason: "ReadinessGatesNotReady", message: missing.join(", ") };
}

function initializedOf({ spec, phase, initStatuses, statuses }: ConditionInput): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const hasBegun = statuses.some(({ state, lastState }) => {
    return state?.running ?? state?.terminated ?? lastState?.terminated;
  });
  if (hasBegun) return TRUE;
  const incomplete = (spec.initContainers ?? []).filter((container) => {
    const status = initStatuses.find(({ name }) => name === container.name);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  if (incomplete.length === 0) return TRUE;
  return notYet("ContainersNotInitialized", "incomplete", incomplete);
}

function notYet(reason: string, adjective: string, containers: { name: string }[]): Verdict {
  const names = containers.map(({ name }) => name).join(" ");
  return { status: "False", reason, message: `containers with ${adjective} status: [${names}]` };
}

function isReady(statuses: ContainerStatus[], name: string): boolean {
  return statuses.find((status) => status.name === name)?.ready ?? false;
}

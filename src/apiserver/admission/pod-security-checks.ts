/**
 * Which checks a level has, at which version, in which order; and what they all say of a pod.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/policy/{checks,registry}.go
 */
import * as baseline from "./pod-security-baseline.ts";
import type { LevelVersion } from "./pod-security-policy.ts";
import * as restricted from "./pod-security-restricted.ts";
import type { Check, CheckedPod } from "./pod-security-words.ts";

interface Dated {
  check: Check;
  /** The minor version that has it first. */
  since: number;
  /** In the restricted level a stricter one takes its place from this version on. */
  replacedSince?: number;
}

const BASELINE: readonly Dated[] = [
  { check: baseline.appArmorProfile, since: 0 },
  { check: baseline.capabilitiesBaseline, since: 0, replacedSince: 22 },
  { check: baseline.hostNamespaces, since: 0 },
  { check: baseline.hostPathVolumes, since: 0, replacedSince: 0 },
  { check: baseline.hostPorts, since: 0 },
  { check: baseline.privileged, since: 0 },
  { check: baseline.procMount, since: 0 },
  { check: baseline.seLinuxOptions, since: 0 },
  { check: baseline.seccompBaseline, since: 19, replacedSince: 19 },
  { check: baseline.sysctls, since: 0 },
  { check: baseline.windowsHostProcess, since: 0 },
];

const RESTRICTED: readonly Dated[] = [
  { check: restricted.allowPrivilegeEscalation, since: 8 },
  { check: restricted.capabilitiesRestricted, since: 22 },
  { check: restricted.restrictedVolumes, since: 0 },
  { check: restricted.runAsNonRoot, since: 0 },
  { check: restricted.runAsUser, since: 23 },
  { check: restricted.seccompRestricted, since: 19 },
];

function checksOf({ level, minor }: LevelVersion): Check[] {
  if (level === "privileged") return [];
  const isRestricted = level === "restricted";
  const basic = BASELINE.filter(
    ({ since, replacedSince }) =>
      minor >= since && !(isRestricted && replacedSince !== undefined && minor >= replacedSince),
  );
  const strict = isRestricted ? RESTRICTED.filter(({ since }) => minor >= since) : [];
  return [...basic, ...strict].map(({ check }) => check);
}

export interface Verdict {
  isAllowed: boolean;
  /** Without details. */
  reasons: string;
  /** `hostPort (container "a" uses hostPort 80), ...` */
  details: string;
}

export function evaluate(at: LevelVersion, pod: CheckedPod): Verdict {
  const found = checksOf(at).flatMap((check) => check(pod, at.minor) ?? []);
  return {
    isAllowed: found.length === 0,
    reasons: found.map(({ reason }) => reason).join(", "),
    details: found.map(({ reason, detail }) => `${reason} (${detail})`).join(", "),
  };
}

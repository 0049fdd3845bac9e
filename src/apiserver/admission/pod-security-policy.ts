/**
 * Which level of the Pod Security Standards holds in a namespace, by its labels: what is enforced, what is
 * noted in the audit log, and what is warned of.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/api/{helpers,attributes}.go
 */
import { type FieldError, invalidValue } from "../../api/field-error.ts";
import type { Labels } from "../../api/labels.ts";

export type Level = "privileged" | "baseline" | "restricted";

export interface LevelVersion {
  level: Level;
  /** The minor version; Infinity is "latest". */
  minor: number;
}

export type Mode = "enforce" | "audit" | "warn";
export type Policy = Record<Mode, LevelVersion>;

export const LEVELS: readonly Level[] = ["privileged", "baseline", "restricted"];
export const MODES: readonly Mode[] = ["enforce", "audit", "warn"];
export const PREFIX = "pod-security.kubernetes.io/";
export const PRIVILEGED: LevelVersion = { level: "privileged", minor: Number.POSITIVE_INFINITY };
export const NO_POLICY: Policy = { enforce: PRIVILEGED, audit: PRIVILEGED, warn: PRIVILEGED };

export function levelText({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Number.POSITIVE_INFINITY ? "latest" : `v1.${minor}`}`;
}

export function isSamePolicy(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** undefined: it cannot be read. */
export function minorOf(text: string): number | undefined {
  if (text === "latest") return Number.POSITIVE_INFINITY;
  const [, minor] = /^v1\.(0|[1-9]\d*)$/.exec(text) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** A label that cannot be read is taken at its strictest. */
export function policyOf(labels: Labels = {}, defaults: Policy): Policy {
  const policy = { ...defaults };
  for (const mode of MODES) {
    const level = labels[PREFIX + mode];
    const version = labels[`${PREFIX}${mode}-version`];
    const known = LEVELS.find((one) => one === level);
    if (level !== undefined) {
      policy[mode] = { ...policy[mode], level: known ?? unreadable(mode) };
    }
    if (version !== undefined) {
      policy[mode] = { ...policy[mode], minor: minorOf(version) ?? Number.POSITIVE_INFINITY };
    }
  }
  return policy;
}

function unreadable(mode: Mode): Level {
  return mode === "enforce" ? "restricted" : "privileged";
}

export function labelErrors(labels: Labels = {}): FieldError[] {
  return MODES.flatMap((mode) => {
    const [key, versionKey] = [PREFIX + mode, `${PREFIX}${mode}-version`];
    const [level, version] = [labels[key], labels[versionKey]];
    const errors: FieldError[] = [];
    if (level !== undefined && !LEVELS.some((one) => one === level)) {
      const why = `must be one of ${LEVELS.join(", ")}`;
      errors.push(invalidValue(`metadata.labels[${key}]`, level, why));
    }
    if (version !== undefined && minorOf(version) === undefined) {
      const why = 'must be "latest" or "v1.x"';
      errors.push(invalidValue(`metadata.labels[${versionKey}]`, version, why));
    }
    return errors;
  });
}

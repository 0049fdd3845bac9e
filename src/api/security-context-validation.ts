/**
 * Security contexts: ids in range, and no promise that contradicts another.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateSecurityContext,
 * validatePodSpecSecurityContext)
 */
import type {
  AppArmorProfile,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from "kubernetes-types/core/v1.js";
import {
  duplicate,
  type FieldError,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { idErrors } from "./names.ts";
import { descendingPathErrors } from "./path-validation.ts";
import { windowsOptionsErrors } from "./pod-os-validation.ts";

const OF_IPC = /^(kernel\.sem$|kernel\.shm|kernel\.msg|fs\.mqueue\.)/;
const PROFILES = ["Localhost", "RuntimeDefault", "Unconfined"];
const MOST_NAME_CHARACTERS = 4095;
const SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

export function validateContainerSecurityContext(
  context: SecurityContext | undefined,
  path: string,
): FieldError[] {
  if (context === undefined) return [];
  return [
    ...idError(context.runAsUser, `${path}.runAsUser`),
    ...idError(context.runAsGroup, `${path}.runAsGroup`),
    ...procMountErrors(context.procMount, `${path}.procMount`),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...escalationErrors(context, path),
    ...windowsOptionsErrors(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const { securityContext: context } = spec;
  if (context === undefined) return [];
  const errors = [
    ...idError(context.fsGroup, `${path}.fsGroup`),
    ...idError(context.runAsUser, `${path}.runAsUser`),
    ...idError(context.runAsGroup, `${path}.runAsGroup`),
    ...(context.supplementalGroups ?? []).flatMap((group, index) =>
      idError(group, `${path}.supplementalGroups[${index}]`),
    ),
  ];
  if (spec.shareProcessNamespace && spec.hostPID) {
    const why = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, why));
  }
  errors.push(...sysctlErrors(spec, `${path}.sysctls`));
  const { fsGroupChangePolicy: policy } = context;
  if (policy !== undefined && !["Always", "OnRootMismatch"].includes(policy)) {
    const at = `${path}.fsGroupChangePolicy`;
    errors.push(notSupported(at, policy, ["Always", "OnRootMismatch"]));
  }
  return [
    ...errors,
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...windowsOptionsErrors(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function idError(id: number | undefined, path: string): FieldError[] {
  return id === undefined ? [] : idErrors(id).map((error) => invalidValue(path, id, error));
}

function procMountErrors(procMount: string | undefined, path: string): FieldError[] {
  if (procMount === undefined || procMount === "Default") return [];
  if (procMount === "Unmasked") return [];
  return [notSupported(path, procMount, ["Default", "Unmasked"])];
}

function seccompErrors(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: file } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!PROFILES.includes(type)) errors.push(notSupported(`${path}.type`, type, PROFILES));

  const at = `${path}.localhostProfile`;
  if (type === "Localhost") {
    if (file !== undefined) return [...errors, ...descendingPathErrors(file, at)];
    return [...errors, required(at, "must be set when seccomp type is Localhost")];
  }
  if (file === undefined) return errors;
  const struct = new GoStruct("core.SeccompProfile", { Type: type, LocalhostProfile: file });
  return [...errors, invalidValue(at, struct, "can only be set when seccomp type is Localhost")];
}

function appArmorErrors(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: name } = profile;
  const at = `${path}.localhostProfile`;
  if (type === "Localhost") return appArmorNameErrors(name, at);
  if (!type) return [required(`${path}.type`, "type is required when appArmorProfile is set")];
  if (!PROFILES.includes(type)) return [notSupported(`${path}.type`, type, PROFILES)];
  if (name === undefined) return [];
  return [invalidValue(at, name, "can only be set when AppArmor type is Localhost")];
}

function appArmorNameErrors(name: string | undefined, path: string): FieldError[] {
  const missing = required(path, "must be set when AppArmor type is Localhost");
  if (name === undefined) return [missing];
  const errors: FieldError[] = [];
  if (name !== name.trim()) {
    errors.push(invalidValue(path, name, "must not be padded with whitespace"));
  } else if (name === "") errors.push(missing);
  if (name.length > MOST_NAME_CHARACTERS) {
    const message = `Too long: may not be longer than ${MOST_NAME_CHARACTERS}`;
    errors.push({ reason: "FieldValueTooLong", field: path, message });
  }
  return errors;
}

/** Who may do anything has no privileges left to gain. */
function escalationErrors(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const struct = new GoStruct("core.SecurityContext", {
    Privileged: context.privileged,
    AllowPrivilegeEscalation: false,
  });
  const cannot = "cannot set `allowPrivilegeEscalation` to false and";
  const errors: FieldError[] = [];
  if (context.privileged) {
    errors.push(invalidValue(path, struct, `${cannot} \`privileged\` to true`));
  }
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN")) {
    errors.push(invalidValue(path, struct, `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return errors;
}

/** "net/ipv4/conf" is another way to write "net.ipv4.conf"; the first of the two signs says which it is. */
function withDots(name: string): string {
  if (/[./]/.exec(name)?.[0] !== "/") return name;
  return name.replace(/[./]/g, (sign) => (sign === "/" ? "." : "/"));
}

function sysctlErrors({ securityContext, ...spec }: PodSpec, path: string): FieldError[] {
  const names = new Set<string>();
  return (securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
    const at = `${path}[${index}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !new RegExp(SYSCTL).test(name)) {
      const why = `must have at most 253 characters and match regex ${SYSCTL}`;
      errors.push(invalidValue(at, name, why));
    } else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const dotted = withDots(name ?? "");
    if (spec.hostNetwork && dotted.startsWith("net.")) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && OF_IPC.test(dotted)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}

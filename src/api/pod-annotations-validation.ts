/**
 * Annotations of pods that once were fields to be: what may be in them, that they do not contradict the fields
 * they became, and which of them stay as they are.
 *
 * In Kubernetes: ValidatePodSpecificAnnotations, ValidatePodSpecificAnnotationUpdates,
 * validateSeccompAnnotationsAndFields and validateAppArmorAnnotationsAndFieldsMatchOnCreate in
 * pkg/apis/core/validation/validation.go
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, invalidValue } from "./field-error.ts";
import { descendingPathErrors } from "./path-validation.ts";

const MIRROR = "kubernetes.io/config.mirror";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
export const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
export const SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
const LOCAL = "localhost/";
const INT32 = 2 ** 31;

type Annotations = Record<string, string>;

export interface PlacedContainer {
  container: Container;
  path: string;
}

/** All containers of a pod in the order in which Kubernetes visits them. */
export function placedContainers(spec: PodSpec, path: string): PlacedContainer[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({
      container: container as Container,
      path: `${path}.${list}[${index}]`,
    })),
  );
}

export function podAnnotationErrors(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const { [MIRROR]: mirror, [DELETION_COST]: cost } = annotations;
  if (mirror !== undefined && !spec.nodeName) {
    const why = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalidValue(`${path}[${MIRROR}]`, mirror, why));
  }
  if (cost !== undefined && !isInt32(cost)) {
    errors.push(invalidValue(`${path}[${DELETION_COST}]`, cost, "must be a 32bit integer"));
  }
  const profiles = Object.entries(annotations);
  return [
    ...errors,
    ...profiles.flatMap(([key, profile]) =>
      key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)
        ? seccompErrors(profile, `${path}.${key}`)
        : [],
    ),
    ...profiles.flatMap(([key, profile]) =>
      key.startsWith(APP_ARMOR) ? appArmorErrors(key, profile, spec, `${path}[${key}]`) : [],
    ),
  ];
}

function isInt32(value: string): boolean {
  if (!/^(0|-?[0-9]+)$/.test(value) || /^0[0-9]/.test(value)) return false;
  return Number(value) >= -INT32 && Number(value) < INT32;
}

function seccompErrors(profile: string, path: string): FieldError[] {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return [];
  if (profile.startsWith(LOCAL)) return descendingPathErrors(profile.slice(LOCAL.length), path);
  return [invalidValue(path, profile, "must be a valid seccomp profile")];
}

function appArmorErrors(key: string, profile: string, spec: PodSpec, path: string): FieldError[] {
  const name = key.slice(APP_ARMOR.length);
  const isThere = placedContainers(spec, "").some(({ container }) => container.name === name);
  const errors = isThere ? [] : [invalidValue(path, name, "container not found")];
  const isKnown = ["", "runtime/default", "unconfined"].includes(profile);
  if (isKnown || profile.startsWith(LOCAL)) return errors;
  const why = `invalid AppArmor profile name: ${JSON.stringify(profile)}`;
  return [...errors, invalidValue(path, profile, why)];
}

/** Where the annotation and the field are both there, they say the same. */
export function profileMatchErrors(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const { securityContext: ofPod } = spec;
  const containers = placedContainers(spec, path);
  const seccomp = "seccompProfile";
  const errors = matchErrors(
    annotations[SECCOMP_POD],
    ofPod?.seccompProfile,
    `${path}.securityContext.${seccomp}`,
    "seccomp",
  );
  for (const { container, path: at } of containers) {
    const annotation = annotations[SECCOMP_CONTAINER + container.name];
    const profile = container.securityContext?.seccompProfile;
    errors.push(...matchErrors(annotation, profile, `${at}.securityContext.${seccomp}`, "seccomp"));
  }
  if (spec.os?.name === "windows") return errors;
  for (const { container, path: at } of containers) {
    const annotation = annotations[APP_ARMOR + container.name];
    const profile = container.securityContext?.appArmorProfile ?? ofPod?.appArmorProfile;
    const field = `${at}.securityContext.appArmorProfile`;
    errors.push(...matchErrors(annotation, profile, field, "apparmor"));
  }
  return errors;
}

function matchErrors(
  annotation: string | undefined,
  profile: { type: string; localhostProfile?: string } | undefined,
  path: string,
  what: "seccomp" | "apparmor",
): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const wrongType = [forbidden(`${path}.type`, `${what} type in annotation and field must match`)];
  if (type === "Unconfined") return annotation === "unconfined" ? [] : wrongType;
  if (type === "RuntimeDefault") {
    const isDocker = what === "seccomp" && annotation === "docker/default";
    return annotation === "runtime/default" || isDocker ? [] : wrongType;
  }
  if (type !== "Localhost") return [];
  if (!annotation.startsWith(LOCAL)) return wrongType;
  if (annotation.slice(LOCAL.length) === localhostProfile) return [];
  const why = `${what} profile in annotation and field must match`;
  return [forbidden(`${path}.localhostProfile`, why)];
}

/** The kubelet's mark of a mirror pod and AppArmor's profiles neither come nor go nor change. */
export function annotationUpdateErrors(now: Annotations, before: Annotations): FieldError[] {
  const refusals = (keys: string[], verb: string) =>
    keys.flatMap((key) => {
      const at = `metadata.annotations[${key}]`;
      if (key.startsWith(APP_ARMOR)) return [forbidden(at, `may not ${verb} AppArmor annotations`)];
      return key === MIRROR ? [forbidden(at, `may not ${verb} mirror pod annotation`)] : [];
    });
  const changed = Object.keys(before).filter((key) => now[key] !== before[key]);
  const added = Object.keys(now).filter((key) => before[key] === undefined);
  return [...refusals(changed, "remove or update"), ...refusals(added, "add")];
}

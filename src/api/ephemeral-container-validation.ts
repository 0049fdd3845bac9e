/**
 * Ephemeral containers: put into a running pod to look around in it. They can be added but neither
 * changed nor removed, and promise nothing: no ports, no probes, no resources.
 *
 * In Kubernetes: validateEphemeralContainers and ValidatePodEphemeralContainersUpdate in
 * pkg/apis/core/validation/validation.go
 */
import { isDeepStrictEqual } from "node:util";
import type { Container, EphemeralContainer, PodSpec } from "kubernetes-types/core/v1.js";
import { paddedImageErrors, validateContainerFields } from "./container-validation.ts";
import { duplicate, type FieldError, forbidden, notFoundValue } from "./field-error.ts";
import type { Pod } from "./pod.ts";
import { specDiff } from "./spec-diff.ts";

const PATH = "spec.ephemeralContainers";
const NOT_FOR_THESE = "cannot be set for an Ephemeral Container";
const NOT_ALLOWED = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;

export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) {
    return [forbidden("", "static pods do not support ephemeral containers")];
  }
  const errors = validateEphemeralContainers(pod.spec);
  const now = new Map(pod.spec.ephemeralContainers?.map((one) => [one.name, one]));
  for (const before of old.spec.ephemeralContainers ?? []) {
    const after = now.get(before.name);
    if (isDeepStrictEqual(after, before)) continue;
    const [what, diff] =
      after === undefined
        ? ["removed", ""]
        : ["changed", specDiff("core.EphemeralContainer", before, after)];
    const name = JSON.stringify(before.name);
    const why = `existing ephemeral containers ${name} may not be ${what}\n${diff}`;
    errors.push(forbidden(PATH, why));
  }
  return errors;
}

function validateEphemeralContainers(spec: PodSpec): FieldError[] {
  const others = [...spec.containers, ...(spec.initContainers ?? [])];
  const targets = new Set(others.map(({ name }) => name));
  const names = new Set(targets);
  const volumes = new Map(spec.volumes?.map((volume) => [volume.name, volume]));
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const at = `${PATH}[${index}]`;
    const { name, targetContainerName: target } = container;
    const errors = [
      ...validateContainerFields(container as Container, volumes, at),
      ...paddedImageErrors(container, at),
    ];
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (target && !targets.has(target)) {
      errors.push(notFoundValue(`${at}.targetContainerName`, target));
    }
    return [...errors, ...promiseErrors(container, at)];
  });
}

function promiseErrors(container: EphemeralContainer, path: string): FieldError[] {
  const isSet = (value: unknown) =>
    typeof value === "object" ? Object.keys(value ?? {}).length > 0 : value !== undefined;
  const named = NOT_ALLOWED.filter((field) => isSet(container[field]));
  const mounts = (container.volumeMounts ?? []).flatMap((mount, index) =>
    (["subPath", "subPathExpr"] as const)
      .filter((field) => mount[field])
      .map((field) => `volumeMounts[${index}].${field}`),
  );
  return [...named, ...mounts].map((field) => forbidden(`${path}.${field}`, NOT_FOR_THESE));
}

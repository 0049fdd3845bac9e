/**
 * What a container must be: a name, an image, ports that exist, environment and mounts that refer
 * to something, resources that add up, probes that can be run.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (validateContainers, validateInitContainers)
 */
import type { Container, ContainerPort, PodSpec, VolumeMount } from "kubernetes-types/core/v1.js";
import { validateEnv, validateEnvFrom } from "./env-validation.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from "./field-error.ts";
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from "./names.ts";
import { descendingPathErrors } from "./path-validation.ts";
import { validateLifecycle, validateProbes } from "./probe-validation.ts";
import { isSidecar } from "./resources.ts";
import { validateResources } from "./resources-validation.ts";
import { validateContainerSecurityContext } from "./security-context-validation.ts";
import type { Volumes } from "./volume-validation.ts";

export const PROTOCOLS = ["SCTP", "TCP", "UDP"];

const NOT_A_CLAIM =
  "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
const NOT_FOR_INIT = "may not be set for init containers without restartPolicy=Always";

export function validateContainers(spec: PodSpec, volumes: Volumes, path: string): FieldError[] {
  if (!spec.containers?.length) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, container] of spec.containers.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...validateContainerFields(container, volumes, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    errors.push(...validateLifecycle(container, spec.terminationGracePeriodSeconds, at));
    errors.push(...validateProbes(container, at));
    if (container.restartPolicy !== undefined) {
      const wrong = "may not be set for non-init containers";
      errors.push(forbidden(`${at}.restartPolicy`, wrong));
    }
  }
  return [...errors, ...hostPortConflicts(spec.containers, path)];
}

export function validateInitContainers(
  spec: PodSpec,
  volumes: Volumes,
  path: string,
): FieldError[] {
  const names = new Set(spec.containers?.map(({ name }) => name));
  return (spec.initContainers ?? []).flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const errors = validateContainerFields(container, volumes, at);
    const { name, restartPolicy } = container;
    if (restartPolicy !== undefined && restartPolicy !== "Always") {
      errors.push(notSupported(`${at}.restartPolicy`, restartPolicy, ["Always"]));
    }
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else if (name) names.add(name);
    errors.push(...hostPortConflicts([container], path));
    if (isSidecar(container)) {
      errors.push(...validateLifecycle(container, spec.terminationGracePeriodSeconds, at));
      errors.push(...validateProbes(container, at));
    } else errors.push(...notForInitErrors(container, at));
    return errors;
  });
}

/** A host port can be given to one container only. */
export function hostPortConflicts(containers: Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [portIndex, { protocol = "", hostIP = "", hostPort }] of ports.entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) {
        errors.push(duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key));
      }
      taken.add(key);
    }
  }
  return errors;
}

/** What all containers share, whatever they are for. */
export function validateContainerFields(
  container: Container,
  volumes: Volumes,
  path: string,
): FieldError[] {
  return [
    ...identityErrors(container, path),
    ...portErrors(container.ports ?? [], `${path}.ports`),
    ...validateEnv(container.env ?? [], `${path}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`),
    ...mountErrors(container, volumes, `${path}.volumeMounts`),
    ...deviceErrors(container, volumes, `${path}.volumeDevices`),
    ...pullPolicyErrors(container.imagePullPolicy ?? "", `${path}.imagePullPolicy`),
    ...validateResources(container.resources ?? {}, `${path}.resources`),
    ...validateContainerSecurityContext(container.securityContext, `${path}.securityContext`),
  ];
}

function identityErrors(container: Container, path: string): FieldError[] {
  const { name, image, terminationMessagePolicy: policy } = container;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  else {
    const wrong = dns1123LabelErrors(name);
    errors.push(...wrong.map((error) => invalidValue(`${path}.name`, name, error)));
  }
  if (!image) errors.push(required(`${path}.image`));
  if (!policy) errors.push(required(`${path}.terminationMessagePolicy`));
  else if (!["File", "FallbackToLogsOnError"].includes(policy)) {
    const supported = ["File", "FallbackToLogsOnError"];
    errors.push(notSupported(`${path}.terminationMessagePolicy`, policy, supported));
  }
  return errors;
}

function portErrors(ports: ContainerPort[], path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `${path}[${index}]`;
    const { name, containerPort, hostPort, protocol } = port;
    const errors: FieldError[] = [];
    if (name) {
      const wrong = portNameErrors(name);
      errors.push(...wrong.map((error) => invalidValue(`${at}.name`, name, error)));
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      if (wrong.length === 0) names.add(name);
    }
    if (!containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...portNumber(`${at}.containerPort`, containerPort));
    if (hostPort) errors.push(...portNumber(`${at}.hostPort`, hostPort));
    if (!protocol) errors.push(required(`${at}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    }
    return errors;
  });
}

function portNumber(path: string, port: number): FieldError[] {
  return portNumberErrors(port).map((error) => invalidValue(path, port, error));
}

function mountErrors(
  { volumeMounts = [], volumeDevices = [], securityContext }: Container,
  volumes: Volumes,
  path: string,
): FieldError[] {
  const mountPaths = new Set<string>();
  return volumeMounts.flatMap((mount, index) => {
    const at = `${path}[${index}]`;
    const { name, mountPath, mountPropagation: propagation } = mount;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name ?? ""));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    if (mountPaths.has(mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mountPath, "must be unique"));
    }
    mountPaths.add(mountPath);
    if (volumeDevices.some((device) => device.name === name)) {
      errors.push(invalidValue(`${at}.name`, name, "must not already exist in volumeDevices"));
    }
    if (lastByName(volumeDevices).some(({ devicePath }) => devicePath === mountPath)) {
      const why = "must not already exist as a path in volumeDevices";
      errors.push(invalidValue(`${at}.mountPath`, mountPath, why));
    }
    errors.push(...subPathErrors(mount, at, path));
    if (propagation !== undefined) {
      const isPrivileged = securityContext?.privileged ?? false;
      errors.push(...propagationErrors(propagation, isPrivileged, `${path}.mountPropagation`));
    }
    return errors;
  });
}

// Kubernetes leaves the index out of the paths of subPath and mountPropagation.
function subPathErrors(mount: VolumeMount, path: string, listPath: string): FieldError[] {
  const { subPath, subPathExpr } = mount;
  const errors = subPath ? descendingPathErrors(subPath, `${listPath}.subPath`) : [];
  if (!subPathExpr) return errors;
  if (subPath) {
    const wrong = "subPathExpr and subPath are mutually exclusive";
    errors.push(invalidValue(`${path}.subPathExpr`, subPathExpr, wrong));
  }
  return [...errors, ...descendingPathErrors(subPathExpr, `${listPath}.subPathExpr`)];
}

function propagationErrors(mode: string, isPrivileged: boolean, path: string): FieldError[] {
  const supported = ["Bidirectional", "HostToContainer", "None"];
  const errors = supported.includes(mode) ? [] : [notSupported(path, mode, supported)];
  if (mode === "Bidirectional" && !isPrivileged) {
    const wrong = "Bidirectional mount propagation is available only to privileged containers";
    errors.push(forbidden(path, wrong));
  }
  return errors;
}

/** A volume that a container has as a bare device: a claim's, and not mounted as well. */
function deviceErrors(
  { volumeDevices = [], volumeMounts = [] }: Container,
  volumes: Volumes,
  path: string,
): FieldError[] {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  return volumeDevices.flatMap(({ name = "", devicePath = "" }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.get(name);
    const errors = name === "" ? [required(`${at}.name`)] : [];
    const wrongName = (why: string) => void errors.push(invalidValue(`${at}.name`, name, why));
    const wrongPath = (why: string) =>
      void errors.push(invalidValue(`${at}.devicePath`, devicePath, why));
    if (names.has(name)) wrongName("must be unique");
    if (volume === undefined) errors.push(notFoundValue(`${at}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) wrongName(NOT_A_CLAIM);
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) wrongPath("must be unique");
    if (devicePath.split("/").includes("..")) wrongPath("can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (volumeMounts.some((mount) => mount.name === name)) {
      wrongName("must not already exist in volumeMounts");
    }
    if (lastByName(volumeMounts).some(({ mountPath }) => mountPath === devicePath)) {
      wrongPath("must not already exist as a path in volumeMounts");
    }
    if (name !== "") names.add(name);
    return errors;
  });
}

/** Of those with the same name the last: that is the one Kubernetes compares with. */
function lastByName<T extends { name: string }>(items: T[]): T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}

/** What only a pod's containers must fulfil, and those of a template not. */
export function paddedImageErrors({ image = "" }: { image?: string }, path: string): FieldError[] {
  if (image === image.trim()) return [];
  const why = "must not have leading or trailing whitespace";
  return [invalidValue(`${path}.image`, image, why)];
}

function pullPolicyErrors(policy: string, path: string): FieldError[] {
  if (policy === "") return [required(path)];
  const supported = ["Always", "IfNotPresent", "Never"];
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)];
}

function notForInitErrors(container: Container, path: string): FieldError[] {
  const names = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;
  return names
    .filter((name) => container[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, NOT_FOR_INIT));
}

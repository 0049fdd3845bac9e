/**
 * Containers, volumes and what belongs to them, as v1beta1 and v1beta2 had them: one `command`, processors
 * and memory as numbers beside the limits, privileges at the container itself.
 *
 * In Kubernetes: Container and Volume in pkg/api/v1beta1/{types,conversion}.go (v0.14)
 */
import type { Container, Probe, Volume, VolumeMount } from "kubernetes-types/core/v1.js";
import { formatQuantity, milliValue, quantityOf, wholeValue } from "../../api/quantity.ts";
import type { ResourceList } from "../../api/resources.ts";
import type { FlatVersion } from "./flat-meta.ts";
import { type Json, omitEmpty, pick, struct } from "./omit-empty.ts";

export function flatContainer(container: Container, version: FlatVersion): Json {
  const { command = [], args = [], resources = {}, env = [], securityContext = {} } = container;
  const { cpu, memory } = resources.limits ?? {};
  const mounts = container.volumeMounts ?? [];
  return omitEmpty({
    ...pick(container, ["name", "image"]),
    command: [...command, ...args],
    workingDir: container.workingDir,
    ports: (container.ports ?? []).map((port) =>
      pick(port, ["name", "hostPort", "containerPort", "protocol", "hostIP"]),
    ),
    env: env.map(({ name, value = "" }) => ({
      name,
      ...(version === "v1beta1" ? { key: name } : {}),
      ...omitEmpty({ value }),
    })),
    resources: struct({
      limits: flatResources(resources.limits),
      requests: flatResources(resources.requests),
    }),
    cpu: cpu === undefined ? 0 : milliValue(quantityOf(cpu)),
    memory: memory === undefined ? 0 : wholeValue(quantityOf(memory)),
    volumeMounts: mounts.map((mount) => flatMount(mount, version)),
    livenessProbe: flatProbe(container.livenessProbe),
    readinessProbe: flatProbe(container.readinessProbe),
    lifecycle: pick(container.lifecycle, ["postStart", "preStop"]),
    terminationMessagePath: container.terminationMessagePath,
    privileged: securityContext.privileged,
    imagePullPolicy: container.imagePullPolicy && `Pull${container.imagePullPolicy}`,
    capabilities: struct(pick(securityContext.capabilities, ["add", "drop"])),
  });
}

/** Processors as text, in cores; everything else as a whole number. */
export function flatResources(list: ResourceList = {}): Json {
  const entries = Object.entries(list).map(([name, amount]) => {
    const quantity = quantityOf(amount);
    if (name !== "cpu") return [name, wholeValue(quantity)];
    const milli = milliValue(quantity);
    const isWhole = milli % 1000 === 0;
    return [name, isWhole ? formatQuantity(quantityOf(milli / 1000)) : String(milli / 1000)];
  });
  return Object.fromEntries(entries);
}

function flatMount({ name, readOnly, mountPath }: VolumeMount, version: FlatVersion): Json {
  const path = version === "v1beta1" ? { path: mountPath } : {};
  return omitEmpty({ name, readOnly, mountPath, ...path });
}

function flatProbe(probe: Probe | undefined): Json | undefined {
  if (probe === undefined) return undefined;
  return omitEmpty({
    httpGet: pick(probe.httpGet, ["path", "port", "host"]),
    tcpSocket: pick(probe.tcpSocket, ["port"]),
    exec: pick(probe.exec, ["command"]),
    ...pick(probe, ["initialDelaySeconds", "timeoutSeconds"]),
  });
}

/** Every kind of source is named, and all but one are null. */
export function flatVolume(volume: Volume): Json {
  const { hostPath, emptyDir, gcePersistentDisk, gitRepo, secret, nfs } = volume;
  return {
    name: volume.name,
    source: {
      hostDir: hostPath ? { path: hostPath.path } : null,
      emptyDir: emptyDir ? { medium: emptyDir.medium ?? "" } : null,
      persistentDisk: gcePersistentDisk
        ? pick(gcePersistentDisk, ["pdName", "fsType", "partition", "readOnly"])
        : null,
      gitRepo: gitRepo ? pick(gitRepo, ["repository", "revision"]) : null,
      secret: secret ? { target: { name: secret.secretName } } : null,
      nfs: nfs ? pick(nfs, ["server", "path", "readOnly"]) : null,
    },
  };
}

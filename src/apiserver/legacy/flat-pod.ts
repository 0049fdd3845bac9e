/**
 * A pod as v1beta1 and v1beta2 had it: what it is to be is its desiredState, a manifest and a host; how it is,
 * its currentState. Statuses have other names, and what its containers do is a map.
 *
 * In Kubernetes: Pod, PodState and ContainerManifest in pkg/api/v1beta1/{types,conversion}.go (v0.14)
 */
import type { ContainerState, ContainerStatus, PodSpec } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { flatContainer, flatVolume } from "./flat-container.ts";
import { type FlatVersion, flatMeta, type Place } from "./flat-meta.ts";
import { type Json, omitEmpty, pick, struct } from "./omit-empty.ts";

export const POD_STATUSES: Readonly<Record<string, string>> = {
  Pending: "Waiting",
  Running: "Running",
  Succeeded: "Succeeded",
  Failed: "Terminated",
  Unknown: "Unknown",
};

/** What a condition is: not True or False, but how much of it is fulfilled. */
export const CONDITION_STATUSES: Readonly<Record<string, string>> = {
  True: "Full",
  False: "None",
  Unknown: "Unknown",
};

/** The currentState of what has no manifest of its own. */
export const EMPTY_MANIFEST: Json = {
  version: "",
  id: "",
  volumes: null,
  containers: null,
  restartPolicy: {},
};

export function flatPod(pod: Pod, place: Place): Json {
  const { metadata, spec } = pod;
  return {
    ...flatMeta(pod, place),
    ...omitEmpty({ labels: metadata.labels }),
    desiredState: flatPodState(spec, place.version),
    currentState: currentState(pod),
    ...omitEmpty({ nodeSelector: spec.nodeSelector }),
  };
}

/** The manifest and the host, of a pod or of a template of pods. */
export function flatPodState(spec: PodSpec, version: FlatVersion): Json {
  const { volumes = [], containers, dnsPolicy, hostNetwork, restartPolicy = "Always" } = spec;
  return {
    manifest: {
      version: "v1beta2",
      id: "",
      volumes: volumes.length > 0 ? volumes.map(flatVolume) : null,
      containers: containers.map((container) => flatContainer(container, version)),
      restartPolicy: { [restartPolicy[0]!.toLowerCase() + restartPolicy.slice(1)]: {} },
      ...omitEmpty({ dnsPolicy, hostNetwork }),
    },
    ...omitEmpty({ host: spec.nodeName }),
  };
}

function currentState({ spec, status = {} }: Pod): Json {
  const ready = (status.conditions ?? []).filter(({ type }) => type === "Ready");
  const containers = status.containerStatuses ?? [];
  return {
    manifest: EMPTY_MANIFEST,
    ...omitEmpty({
      status: POD_STATUSES[status.phase ?? "Pending"],
      Condition: ready.map((one) => ({
        kind: "Ready",
        status: CONDITION_STATUSES[one.status] ?? "Unknown",
      })),
      message: status.message,
      host: spec.nodeName,
      hostIP: status.hostIP,
      podIP: status.podIP,
      info: Object.fromEntries(containers.map((one) => [one.name, flatContainerStatus(one)])),
    }),
  };
}

function flatContainerStatus(status: ContainerStatus): Json {
  const { ready, restartCount, image, imageID, containerID } = status;
  return {
    state: legacyState(status.state),
    lastState: legacyState(status.lastState),
    ...{ ready, restartCount, image, imageID },
    ...omitEmpty({ containerID }),
  };
}

/** v1 says `terminated` where all before it said `termination`. */
export function legacyState({ waiting, running, terminated }: ContainerState = {}): Json {
  return struct({
    waiting: waiting && struct(pick(waiting, ["reason"])),
    running: running && struct({ startedAt: running.startedAt }),
    termination: terminated && {
      exitCode: terminated.exitCode,
      ...pick(terminated, ["signal", "reason", "message"]),
      startedAt: terminated.startedAt ?? null,
      finishedAt: terminated.finishedAt ?? null,
      ...pick(terminated, ["containerID"]),
    },
  });
}

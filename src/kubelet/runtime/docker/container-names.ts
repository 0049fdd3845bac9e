/**
 * How a container is found again: by its name and its labels, the same that Kubernetes gave to
 * Docker's containers, so that `docker ps` on a node reads as it does there.
 *
 *   k8s_<container>_<pod>_<namespace>_<uid>_<attempt>         k8s_POD_... for the pause container
 *
 * None of the parts can hold an underscore, so a name can be taken apart again. Whatever does not
 * carry the labels is not ours, and is never listed or touched.
 *
 * In Kubernetes: pkg/kubelet/dockershim/naming.go, helpers.go, pkg/kubelet/types/labels.go
 */
import type { ContainerConfig, PodIdentity, SandboxConfig } from "../runtime.ts";

export const LABEL = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
  type: "io.kubernetes.docker.type",
  sandboxId: "io.kubernetes.sandbox.id",
  /** Annotations become labels as well, as Docker has nothing else to write them on. */
  annotation: "annotation.",
  specHash: "annotation.io.kubernetes.container.hash",
  attempt: "annotation.io.kubernetes.container.restartCount",
  terminationMessagePath: "annotation.io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "annotation.io.kubernetes.container.terminationMessagePolicy",
} as const;

export const SANDBOX = "podsandbox";
export const CONTAINER = "container";
const PAUSE = "POD";

type Labels = Record<string, string>;

export function sandboxName({ pod, attempt }: SandboxConfig): string {
  return nameOf(PAUSE, pod, attempt);
}

export function containerName({ name, attempt }: ContainerConfig, pod: PodIdentity): string {
  return nameOf(name, pod, attempt);
}

function nameOf(container: string, pod: PodIdentity, attempt: number): string {
  return ["k8s", container, pod.name, pod.namespace, pod.uid, attempt].join("_");
}

/** The attempt a name ends in (Docker puts a slash before the name). */
export function attemptOf(name: string): number {
  const parts = name.replace(/^\//, "").split("_");
  const attempt = Number(parts[5]);
  return parts[0] === "k8s" && Number.isInteger(attempt) ? attempt : 0;
}

export function sandboxLabels(config: SandboxConfig): Labels {
  return {
    ...config.labels,
    ...annotationLabels(config.annotations),
    ...podLabels(config.pod),
    [LABEL.containerName]: PAUSE,
    [LABEL.type]: SANDBOX,
  };
}

export function containerLabels(
  config: ContainerConfig,
  pod: PodIdentity,
  sandboxId: string,
): Labels {
  return {
    ...config.labels,
    ...annotationLabels(config.annotations),
    ...podLabels(pod),
    [LABEL.containerName]: config.name,
    [LABEL.type]: CONTAINER,
    [LABEL.sandboxId]: sandboxId,
    [LABEL.specHash]: config.specHash,
    [LABEL.attempt]: String(config.attempt),
    [LABEL.terminationMessagePath]: config.terminationMessagePath,
  };
}

function podLabels(pod: PodIdentity): Labels {
  return {
    [LABEL.podName]: pod.name,
    [LABEL.podNamespace]: pod.namespace,
    [LABEL.podUid]: pod.uid,
  };
}

function annotationLabels(annotations: Labels): Labels {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [LABEL.annotation + key, value]),
  );
}

export function podOf(labels: Labels): PodIdentity {
  return {
    name: labels[LABEL.podName] ?? "",
    namespace: labels[LABEL.podNamespace] ?? "",
    uid: labels[LABEL.podUid] ?? "",
  };
}

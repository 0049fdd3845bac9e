/**
 * What the runtime is told of a container: command, environment, mounts, limits, security.
 *
 * In Kubernetes: generateContainerConfig in pkg/kubelet/kuberuntime/kuberuntime_container.go
 */
import { posix } from "node:path";
import type { Container, VolumeMount } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { quantityOf, wholeValue } from "../../api/quantity.ts";
import { ConfigError } from "../pods/config-objects.ts";
import { identityOf } from "../pods/state.ts";
import type { ContainerConfig, ContainerSecurity, Image, Mount } from "../runtime/runtime.ts";
import { type EnvironmentContext, environmentOf } from "./environment.ts";
import { expand } from "./expansion.ts";
import { containerHash } from "./hash.ts";
import { containerResources } from "./resources.ts";
import { POLICY_ANNOTATION } from "./termination-message.ts";

export interface ContainerConfigInput {
  attempt: number;
  image: Image;
  /** Where each volume of the pod is on the node. */
  volumes: Map<string, string>;
  environment: EnvironmentContext;
  /** Mounts the kubelet adds: /etc/hosts. */
  extraMounts: Mount[];
  /** Creates what a subPath names, below the volume. */
  makeSubPath(volumePath: string, subPath: string): Promise<string>;
}

export async function containerConfigOf(
  pod: Pod,
  container: Container,
  input: ContainerConfigInput,
): Promise<ContainerConfig> {
  const env = await environmentOf(pod, container, input.environment);
  const lookUp = (name: string) => env.get(name);
  const { uid, name, namespace } = identityOf(pod);
  const memory = wholeValue(quantityOf(input.environment.allocatable.memory));
  return {
    name: container.name,
    attempt: input.attempt,
    image: container.image ?? "",
    command: (container.command ?? []).map((word) => expand(word, lookUp)),
    args: (container.args ?? []).map((word) => expand(word, lookUp)),
    workingDir: container.workingDir ?? "",
    env: [...env].map(([key, value]) => ({ name: key, value })),
    mounts: [...(await mountsOf(container, input, lookUp)), ...input.extraMounts],
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: containerResources(pod.spec, container, memory),
    security: securityOf(pod, container, input.image),
    terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
    labels: {
      "io.kubernetes.pod.name": name,
      "io.kubernetes.pod.namespace": namespace,
      "io.kubernetes.pod.uid": uid,
      "io.kubernetes.container.name": container.name,
    },
    annotations: annotationsOf(pod, container, input.attempt),
    specHash: containerHash(container),
  };
}

/** What is needed to end the container properly though its pod is gone from the API. */
function annotationsOf(pod: Pod, container: Container, attempt: number): Record<string, string> {
  const { terminationGracePeriodSeconds = 30 } = pod.spec;
  const preStop = container.lifecycle?.preStop;
  return {
    "io.kubernetes.container.hash": containerHash(container),
    "io.kubernetes.container.restartCount": `${attempt}`,
    "io.kubernetes.container.terminationMessagePath":
      container.terminationMessagePath ?? "/dev/termination-log",
    [POLICY_ANNOTATION]: container.terminationMessagePolicy ?? "File",
    "io.kubernetes.pod.terminationGracePeriod": `${terminationGracePeriodSeconds}`,
    ...(preStop ? { "io.kubernetes.container.preStopHandler": JSON.stringify({ preStop }) } : {}),
  };
}

async function mountsOf(
  container: Container,
  { volumes, makeSubPath }: ContainerConfigInput,
  lookUp: (name: string) => string | undefined,
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volumePath = volumes.get(mount.name);
    if (volumePath === undefined) {
      throw new ConfigError(
        `cannot find volume "${mount.name}" to mount into container "${container.name}"`,
      );
    }
    const subPath = subPathOf(mount, lookUp);
    mounts.push({
      hostPath:
        subPath === ""
          ? volumePath
          : await preparing(mount, container, () => makeSubPath(volumePath, subPath)),
      containerPath: posix.resolve("/", mount.mountPath),
      readOnly: mount.readOnly ?? false,
    });
  }
  return mounts;
}

/** What exactly is wrong with a path on the node is not for everyone to read: the log has it. */
async function preparing(
  { name }: VolumeMount,
  container: Container,
  act: () => Promise<string>,
): Promise<string> {
  try {
    return await act();
  } catch (cause) {
    throw new ConfigError(
      `failed to prepare subPath for volumeMount "${name}" of container "${container.name}"`,
      { cause },
    );
  }
}

function subPathOf(mount: VolumeMount, lookUp: (name: string) => string | undefined): string {
  const { subPath = "", subPathExpr } = mount;
  if (!subPathExpr) return checkedSubPath(subPath);
  const expanded = expand(subPathExpr, (name) => {
    const value = lookUp(name);
    if (value === undefined) {
      throw new ConfigError(`missing value for ${JSON.stringify(name)}`);
    }
    return value;
  });
  return checkedSubPath(expanded);
}

function checkedSubPath(subPath: string): string {
  if (subPath.startsWith("/")) throw new ConfigError(`subPath "${subPath}" must not be absolute`);
  if (!subPath.split("/").includes("..")) return subPath;
  throw new ConfigError(`unable to provision SubPath "${subPath}": must not contain ".."`);
}

function securityOf(pod: Pod, container: Container, image: Image): ContainerSecurity {
  const ofPod = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const runAsUser = own.runAsUser ?? ofPod.runAsUser;
  const runAsGroup = own.runAsGroup ?? ofPod.runAsGroup;
  if (own.runAsNonRoot ?? ofPod.runAsNonRoot) refuseRoot(pod, container, runAsUser, image.user);
  const { supplementalGroups = [], fsGroup } = ofPod;
  return {
    privileged: own.privileged ?? false,
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])],
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    allowPrivilegeEscalation: own.allowPrivilegeEscalation ?? true,
  };
}

function refuseRoot(
  pod: Pod,
  { name }: Container,
  runAsUser: number | undefined,
  imageUser: string,
): void {
  const about = `pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${name}`;
  const user = imageUser.split(":")[0]!;
  if (runAsUser === 0) {
    throw new ConfigError(`container's runAsUser breaks non-root policy (${about})`);
  }
  if (runAsUser !== undefined) return;
  if (user === "" || user === "0" || user === "root") {
    throw new ConfigError(`container has runAsNonRoot and image will run as root (${about})`);
  }
  if (!/^\d+$/.test(user)) {
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root (${about})`,
    );
  }
}

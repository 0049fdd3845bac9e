/**
 * What Docker tells of a container, as the kubelet wants to know it. Pure.
 *
 * Docker has no state for "could not be started": such a container stays "created", with an exit code
 * and an error, and never finished anything.
 *
 * In Kubernetes: pkg/kubelet/dockershim/convert.go, docker_container.go (ContainerStatus)
 */
import type { ContainerInfo, ContainerInspectInfo } from "dockerode";
import type { Container, ContainerStatus, Sandbox } from "../runtime.ts";
import { attemptOf, LABEL, podOf } from "./container-names.ts";
import type { InspectedImage } from "./image-names.ts";
import { imageIdOf } from "./image-names.ts";

type ContainerState = Container["state"];

const STATES: Record<string, ContainerState> = {
  created: "created",
  running: "running",
  paused: "running",
  exited: "exited",
  dead: "exited",
  removing: "exited",
};

export function toSandbox(info: ContainerInfo): Sandbox {
  const hostNetwork = info.HostConfig.NetworkMode === "host";
  return {
    id: info.Id,
    pod: podOf(info.Labels),
    attempt: attemptOf(info.Names[0] ?? ""),
    state: info.State === "running" ? "ready" : "notReady",
    createdAt: new Date(info.Created * 1000),
    ip: hostNetwork ? "" : addressIn(info.NetworkSettings),
    hostNetwork,
  };
}

/** Newer daemons tell the address with the network only. */
function addressIn(settings: { Networks?: Record<string, { IPAddress: string }> | null }): string {
  const networks = Object.values(settings.Networks ?? {});
  return networks.find(({ IPAddress }) => IPAddress)?.IPAddress ?? "";
}

export function toContainer(info: ContainerInfo): Container {
  return {
    ...identityOf(info.Id, info.Labels),
    state: STATES[info.State] ?? "unknown",
    createdAt: new Date(info.Created * 1000),
  };
}

function identityOf(id: string, labels: Record<string, string>) {
  return {
    id,
    sandboxId: labels[LABEL.sandboxId] ?? "",
    pod: podOf(labels),
    name: labels[LABEL.containerName] ?? "",
    attempt: Number(labels[LABEL.attempt] ?? 0),
    specHash: labels[LABEL.specHash] ?? "",
  };
}

export function toContainerStatus(
  inspected: ContainerInspectInfo,
  image: InspectedImage | undefined,
  terminationMessage: string,
): ContainerStatus {
  return {
    ...identityOf(inspected.Id, inspected.Config.Labels),
    createdAt: new Date(inspected.Created),
    ...policyOf(inspected.Config.Labels),
    ...lifeOf(inspected, terminationMessage),
    image: imageNameOf(inspected, image),
    imageId: imageIdOf(inspected.Image, image),
  };
}

function policyOf(
  labels: Record<string, string>,
): Pick<ContainerStatus, "terminationMessagePolicy"> {
  const terminationMessagePolicy = labels[LABEL.terminationMessagePolicy];
  return terminationMessagePolicy === undefined ? {} : { terminationMessagePolicy };
}

type Life = Pick<
  ContainerStatus,
  "state" | "startedAt" | "finishedAt" | "exitCode" | "reason" | "message"
>;

function lifeOf(inspected: ContainerInspectInfo, terminationMessage: string): Life {
  const state = inspected.State;
  const startedAt = timeOf(state.StartedAt);
  const finishedAt = timeOf(state.FinishedAt);
  if (state.Running) return { state: "running", ...(startedAt && { startedAt }) };
  if (finishedAt && startedAt) {
    return {
      state: "exited",
      startedAt,
      finishedAt,
      exitCode: state.ExitCode,
      reason: state.OOMKilled ? "OOMKilled" : state.ExitCode === 0 ? "Completed" : "Error",
      message: terminationMessage || state.Error,
    };
  }
  if (state.ExitCode === 0) return { state: STATES[state.Status] ?? "unknown" };
  const createdAt = new Date(inspected.Created);
  return {
    state: "exited",
    startedAt: createdAt,
    finishedAt: createdAt,
    exitCode: state.ExitCode,
    reason: "ContainerCannotRun",
    message: terminationMessage || state.Error,
  };
}

/** Docker writes the year 1 for "not yet". */
function timeOf(text: string): Date | undefined {
  return text.startsWith("0001-") ? undefined : new Date(text);
}

/** With its tag, under the name that was asked for where the image has several. */
function imageNameOf({ Config }: ContainerInspectInfo, image: InspectedImage | undefined): string {
  const asked = /:[^/]*$/.test(Config.Image) ? Config.Image : `${Config.Image}:latest`;
  const tags = image?.RepoTags ?? [];
  return tags.includes(asked) ? asked : (tags[0] ?? Config.Image);
}

/**
 * The volumes of the pods on this node: made before a pod's first container, kept current while it
 * runs, removed with the pod. They lie under <root>/pods/<uid>/volumes/<plug-in>/<name>.
 *
 * In Kubernetes: pkg/kubelet/volumemanager, pkg/volume
 * Differs: emptyDir, hostPath, configMap, secret, downwardAPI, projected, and claims whose volume is a
 * directory; any other source is refused by name.
 */
import { posix } from "node:path";
import type { Container, HostPathVolumeSource, Volume } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { quantityOf, wholeValue } from "../../api/quantity.ts";
import { hostnameOf } from "../pods/sandbox-config.ts";
import type { FileKind, NodeFiles } from "../runtime/node-files.ts";
import type { Mount } from "../runtime/runtime.ts";
import { writeAtomically } from "./atomic-writer.ts";
import type { ClaimedDirectory } from "./claimed-volume.ts";
import { hostsFileOf } from "./hosts-file.ts";
import { type PayloadContext, payloadOf } from "./payload.ts";
import { makeSubPath } from "./sub-path.ts";

/**
 * Why a volume cannot be mounted, as the FailedMount event tells it. Expected now and then, so it carries
 * a code and is logged in a line (see component/log.ts).
 */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
  readonly code = "FAILED_MOUNT";
}

export interface VolumesOptions {
  files: NodeFiles;
  rootDir: string;
  payload(pod: Pod): PayloadContext;
  /** Where the volume behind a claim is. */
  claimed: ClaimedDirectory;
  /** Told when nothing is left of a pod. */
  onRemoved(uid: string): void;
}

const PLUGINS: Record<string, string> = {
  emptyDir: "kubernetes.io~empty-dir",
  configMap: "kubernetes.io~configmap",
  secret: "kubernetes.io~secret",
  downwardAPI: "kubernetes.io~downward-api",
  projected: "kubernetes.io~projected",
};

const ETC_HOSTS = "/etc/hosts";

export class Volumes {
  readonly #options: VolumesOptions;
  /** By the uid of a pod and the name of its volume: the directories behind its claims. */
  readonly #claimed = new Map<string, Map<string, string>>();

  constructor(options: VolumesOptions) {
    this.#options = options;
  }

  /** Makes all volumes of the pod, or brings them up to date. Rejects with a VolumeError. */
  async mount(pod: Pod): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      try {
        await this.#mountOne(pod, volume);
      } catch (error) {
        throw new VolumeError(
          `MountVolume.SetUp failed for volume "${volume.name}" : ${(error as Error).message}`,
        );
      }
    }
  }

  /** Where each volume is on the node. */
  pathsOf(pod: Pod): Map<string, string> {
    return new Map(
      (pod.spec.volumes ?? []).map((volume) => [volume.name, this.#path(pod, volume)]),
    );
  }

  makeSubPath(volumePath: string, subPath: string): Promise<string> {
    return makeSubPath(this.#options.files, volumePath, subPath);
  }

  /** The kubelet's own /etc/hosts for a container that has not mounted one. */
  async etcHosts(pod: Pod, container: Container, podIP: string): Promise<Mount[]> {
    const isMounted = container.volumeMounts?.some(({ mountPath }) => mountPath === ETC_HOSTS);
    if (isMounted || pod.spec.hostNetwork) return [];
    const { files } = this.#options;
    const path = `${this.podDir(pod.metadata.uid ?? "")}/etc-hosts`;
    const content = hostsFileOf(podIP, hostnameOf(pod), pod.spec);
    await files.makeDirectory(posix.dirname(path));
    await files.write(path, Buffer.from(content), 0o644);
    return [{ hostPath: path, containerPath: ETC_HOSTS, readOnly: false }];
  }

  podDir(uid: string): string {
    return `${this.#options.rootDir}/pods/${uid}`;
  }

  /** Removes all that the pod had on the node. */
  async remove(uid: string): Promise<void> {
    this.#claimed.delete(uid);
    await this.#options.files.remove(this.podDir(uid));
    this.#options.onRemoved(uid);
  }

  /** The pods that have a directory. */
  podUids(): Promise<string[]> {
    return this.#options.files.list(`${this.#options.rootDir}/pods`);
  }

  #path(pod: Pod, volume: Volume): string {
    if (volume.hostPath) return volume.hostPath.path;
    const claimed = this.#claimed.get(pod.metadata.uid ?? "")?.get(volume.name);
    if (claimed !== undefined) return claimed;
    const plugin = PLUGINS[sourceOf(volume)] ?? "unsupported";
    return `${this.podDir(pod.metadata.uid ?? "")}/volumes/${plugin}/${volume.name}`;
  }

  async #mountOne(pod: Pod, volume: Volume): Promise<void> {
    const { files, payload, claimed } = this.#options;
    const directory = await claimed(pod, volume);
    if (directory !== undefined) return this.#mountClaimed(pod, volume, directory);
    const path = this.#path(pod, volume);
    if (volume.hostPath) return checkHostPath(files, volume.hostPath);
    if (volume.emptyDir) return this.#makeEmptyDir(pod, volume, path);
    const source = sourceOf(volume);
    if (!(source in PLUGINS)) throw new Error(`volume plugin for "${source}" is not supported`);
    const content = await payloadOf(pod, volume, payload(pod));
    await writeAtomically(files, path, content);
    await this.#giveToGroup(pod, path);
  }

  async #mountClaimed(pod: Pod, { name }: Volume, directory: HostPathVolumeSource): Promise<void> {
    const { uid = "" } = pod.metadata;
    const known = this.#claimed.get(uid) ?? new Map<string, string>();
    this.#claimed.set(uid, known.set(name, directory.path));
    await checkHostPath(this.#options.files, directory);
  }

  async #makeEmptyDir(pod: Pod, { emptyDir }: Volume, path: string): Promise<void> {
    const { files } = this.#options;
    if ((await files.kindOf(path)) !== undefined) return;
    const { medium, sizeLimit } = emptyDir ?? {};
    if (medium === "Memory") {
      const size = sizeLimit === undefined ? undefined : wholeValue(quantityOf(sizeLimit));
      await files.makeMemoryDirectory(path, size);
    }
    await files.makeDirectory(path, 0o777);
    await this.#giveToGroup(pod, path);
  }

  async #giveToGroup(pod: Pod, path: string): Promise<void> {
    const group = pod.spec.securityContext?.fsGroup;
    if (group !== undefined) await this.#options.files.chown(path, group);
  }
}

function sourceOf({ name: _name, ...sources }: Volume): string {
  return Object.keys(sources)[0] ?? "emptyDir";
}

const EXPECTED_KINDS: Record<string, { kind: FileKind; words: string }> = {
  Directory: { kind: "directory", words: "a directory" },
  DirectoryOrCreate: { kind: "directory", words: "a directory" },
  File: { kind: "file", words: "a file" },
  FileOrCreate: { kind: "file", words: "a file" },
  Socket: { kind: "socket", words: "a socket file" },
  CharDevice: { kind: "charDevice", words: "a character device" },
  BlockDevice: { kind: "blockDevice", words: "a block device" },
};

async function checkHostPath(files: NodeFiles, source: HostPathVolumeSource): Promise<void> {
  const { path, type = "" } = source;
  const expected = EXPECTED_KINDS[type];
  if (expected === undefined) return;
  const found = await files.kindOf(path);
  if (found === expected.kind) return;
  if (found === undefined && type === "DirectoryOrCreate") {
    return files.makeDirectory(path, 0o755);
  }
  if (found === undefined && type === "FileOrCreate") {
    return files.write(path, Buffer.alloc(0), 0o644);
  }
  throw new Error(`hostPath type check failed: ${path} is not ${expected.words}`);
}

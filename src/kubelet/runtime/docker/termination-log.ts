/**
 * The file in which a container may leave its last words: bound into it at terminationMessagePath,
 * read when it has ended, removed with it.
 *
 * In Kubernetes: pkg/kubelet/kuberuntime/kuberuntime_container.go (getTerminationMessage)
 * Differs: there the kubelet makes the file beside the pod's volumes.
 */
import { chmod, mkdir, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ContainerConfig } from "../runtime.ts";

/** Of a longer message, only the end is told. */
const MAX_MESSAGE_BYTES = 4096;

export class TerminationLogs {
  readonly #directory: string;

  constructor(stateDirectory: string) {
    this.#directory = resolve(stateDirectory, "termination-logs");
  }

  /** An empty file that any user of the container may write to. Undefined where none is wanted. */
  async create(sandboxId: string, config: ContainerConfig): Promise<string | undefined> {
    if (config.terminationMessagePath === "") return undefined;
    const path = join(this.#directory, sandboxId, `${config.name}_${config.attempt}`);
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, "w")).close();
    await chmod(path, 0o666);
    return path;
  }

  async remove(path: string): Promise<void> {
    if (path.startsWith(`${this.#directory}/`)) await rm(path, { force: true });
  }

  async removeAllOf(sandboxId: string): Promise<void> {
    await rm(join(this.#directory, sandboxId), { recursive: true, force: true });
  }
}

/** The end of the message at `path`; empty if there is none. */
export async function readTerminationMessage(path: string): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_MESSAGE_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

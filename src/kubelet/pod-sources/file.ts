/**
 * Pods from manifests in a directory, or in one file: looked at now and then. A bad manifest is skipped
 * and told of; the others count.
 *
 * In Kubernetes: pkg/kubelet/config/file.go
 * Differs: the directory is listed, not watched.
 */
import { posix } from "node:path";
import type { Pod } from "../../api/pod.ts";
import { type Clock, every, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { NodeFiles } from "../runtime/node-files.ts";
import { hashOf, podsOf } from "./manifest.ts";
import type { PodSource, PodSourceListener } from "./sources.ts";
import { StaticPods } from "./static-pods.ts";

export interface FileSourceOptions {
  path: string;
  periodMs: number;
  nodeName: string;
  files: NodeFiles;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

export class FileSource implements PodSource {
  readonly name = "file";
  readonly #options: FileSourceOptions;
  readonly #pods = new StaticPods();
  /** By path: what was read last, so that a pod keeps the time it was first seen. */
  #read = new Map<string, { hash: string; pods: Pod[] }>();

  constructor(options: FileSourceOptions) {
    this.#options = options;
  }

  start(listener: PodSourceListener): void {
    const { clock, periodMs, signal } = this.#options;
    const look = () => void this.look(listener);
    look();
    every(clock, periodMs, signal, look);
  }

  async look(listener: PodSourceListener): Promise<void> {
    try {
      const found = new Map<string, { hash: string; pods: Pod[] }>();
      for (const path of await this.#paths()) {
        const manifest = await this.#manifest(path);
        if (manifest) found.set(path, manifest);
      }
      this.#read = found;
      this.#pods.replace(
        [...found.values()].flatMap(({ pods }) => pods),
        listener,
      );
      listener.seen();
    } catch (error) {
      this.#options.log.error("Unable to read config path", error, { path: this.#options.path });
    }
  }

  /** A directory that is not there holds nothing. */
  async #paths(): Promise<string[]> {
    const { files, path } = this.#options;
    const kind = await files.kindOf(path);
    if (kind === "file") return [path];
    const names = await files.list(path);
    return names.filter((name) => !name.startsWith(".")).map((name) => posix.join(path, name));
  }

  async #manifest(path: string): Promise<{ hash: string; pods: Pod[] } | undefined> {
    const { files, nodeName, clock, log } = this.#options;
    if ((await files.kindOf(path)) !== "file") return undefined;
    const text = (await files.read(path)).toString("utf8");
    const hash = hashOf(text);
    const before = this.#read.get(path);
    if (before?.hash === hash) return before;
    const now = toApiTime(clock.now());
    try {
      const origin = `file:${path}`;
      return { hash, pods: podsOf(text, { source: "file", origin, nodeName, now }) };
    } catch (error) {
      log.warn("Can't process manifest file", { path, err: (error as Error).message });
      return undefined;
    }
  }
}

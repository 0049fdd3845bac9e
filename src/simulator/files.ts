/** The files of a simulated node, in memory: nothing is left on the machine this runs on. */
import { posix } from "node:path";
import type { FileKind, NodeFiles } from "../kubelet/runtime/node-files.ts";

interface Entry {
  kind: "directory" | "file" | "link";
  content: Buffer;
  mode: number;
  target: string;
}

const LINKS_MAX = 16;

export class SimulatedFiles implements NodeFiles {
  readonly #entries = new Map<string, Entry>();

  makeDirectory(path: string, mode = 0o755): Promise<void> {
    this.makeDirectorySync(path, mode);
    return Promise.resolve();
  }

  makeMemoryDirectory(path: string, _sizeBytes: number | undefined): Promise<void> {
    return this.makeDirectory(path);
  }

  kindOf(path: string): Promise<FileKind | undefined> {
    return Promise.resolve(this.kindOfSync(path));
  }

  list(path: string): Promise<string[]> {
    return Promise.resolve(this.listSync(path));
  }

  read(path: string): Promise<Buffer> {
    const content = this.readSync(path);
    if (content !== undefined) return Promise.resolve(content);
    return Promise.reject(new Error(`open ${path}: no such file or directory`));
  }

  write(path: string, content: Buffer, mode: number): Promise<void> {
    this.writeSync(path, content, mode);
    return Promise.resolve();
  }

  link(target: string, path: string): Promise<void> {
    this.#put(path, { kind: "link", content: Buffer.alloc(0), mode: 0o777, target });
    return Promise.resolve();
  }

  readLink(path: string): Promise<string | undefined> {
    const entry = this.#entries.get(path);
    return Promise.resolve(entry?.kind === "link" ? entry.target : undefined);
  }

  realPath(path: string): Promise<string | undefined> {
    return Promise.resolve(this.kindOfSync(path) && this.#follow(path));
  }

  chown(_path: string, _group: number): Promise<void> {
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.removeSync(path);
    return Promise.resolve();
  }

  makeDirectorySync(path: string, mode = 0o755): void {
    const real = this.#follow(path);
    if (real === "/" || this.#entries.get(real)?.kind === "directory") return;
    this.#put(real, { kind: "directory", content: Buffer.alloc(0), mode, target: "" });
  }

  kindOfSync(path: string): "directory" | "file" | undefined {
    const real = this.#follow(path);
    if (real === "/") return "directory";
    const kind = this.#entries.get(real)?.kind;
    return kind === "link" ? undefined : kind;
  }

  readSync(path: string): Buffer | undefined {
    const entry = this.#entries.get(this.#follow(path));
    return entry?.kind === "file" ? entry.content : undefined;
  }

  writeSync(path: string, content: Buffer, mode = 0o644): void {
    this.#put(this.#follow(path), { kind: "file", content, mode, target: "" });
  }

  listSync(path: string): string[] {
    const real = this.#follow(path);
    const prefix = real === "/" ? "/" : `${real}/`;
    const names = [...this.#entries.keys()]
      .filter((entry) => entry.startsWith(prefix))
      .map((entry) => entry.slice(prefix.length))
      .filter((name) => name !== "" && !name.includes("/"));
    return names.toSorted();
  }

  removeSync(path: string): void {
    for (const entry of this.#entries.keys()) {
      if (entry === path || entry.startsWith(`${path}/`)) this.#entries.delete(entry);
    }
  }

  #put(path: string, entry: Entry): void {
    const parent = posix.dirname(path);
    if (parent !== path) this.makeDirectorySync(parent);
    this.#entries.set(path, entry);
  }

  /** The path with all links followed. */
  #follow(path: string, depth = 0): string {
    let real = "/";
    for (const part of posix.normalize(path).split("/")) {
      if (part === "") continue;
      const next = posix.join(real, part);
      const entry = this.#entries.get(next);
      const isLink = entry?.kind === "link" && depth < LINKS_MAX;
      real = isLink ? this.#follow(posix.resolve(real, entry.target), depth + 1) : next;
    }
    return real;
  }
}

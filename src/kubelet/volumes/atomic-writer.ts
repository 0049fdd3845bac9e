/**
 * Writes a set of files so that a reader sees all of the old or all of the new, never a mixture: they
 * lie in a directory of their own, `..data` points to it, and each name points through `..data`.
 *
 * In Kubernetes: pkg/volume/util/atomic_writer.go
 * Differs: the directory is named after its content, so that the same content is not written twice.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { NodeFiles } from "../runtime/node-files.ts";

export interface FileContent {
  data: Buffer;
  mode: number;
}

/** Paths, relative to the volume, and what is to be there. */
export type Payload = Map<string, FileContent>;

const DATA = "..data";

export async function writeAtomically(
  files: NodeFiles,
  directory: string,
  payload: Payload,
): Promise<void> {
  const version = `..${hashOf(payload)}`;
  const before = await files.readLink(posix.join(directory, DATA));
  if (before === version) return;
  await files.makeDirectory(posix.join(directory, version), 0o755);
  for (const [path, { data, mode }] of payload) {
    const target = posix.join(directory, version, path);
    await files.makeDirectory(posix.dirname(target));
    await files.write(target, data, mode);
  }
  await files.link(version, posix.join(directory, DATA));
  await linkNames(files, directory, payload);
  if (before !== undefined) await files.remove(posix.join(directory, before));
}

/** Each first part of a path is a link into ..data; names no longer used go. */
async function linkNames(files: NodeFiles, directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split("/")[0]!));
  for (const name of await files.list(directory)) {
    if (!name.startsWith("..") && !wanted.has(name)) {
      await files.remove(posix.join(directory, name));
    }
  }
  for (const name of wanted) {
    const path = posix.join(directory, name);
    if ((await files.readLink(path)) === undefined) await files.link(posix.join(DATA, name), path);
  }
}

function hashOf(payload: Payload): string {
  const hash = createHash("sha256");
  for (const [path, { data, mode }] of payload) {
    hash.update(`${path}\0${mode}\0${data.length}\0`).update(data);
  }
  return hash.digest("hex").slice(0, 20);
}

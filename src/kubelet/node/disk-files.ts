/** The node's files on its disk. */
import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FileKind, NodeFiles } from "../runtime/node-files.ts";

const run = promisify(execFile);

export const diskFiles: NodeFiles = {
  async makeDirectory(path, mode) {
    await fs.mkdir(path, { recursive: true });
    if (mode !== undefined) await fs.chmod(path, mode);
  },

  async makeMemoryDirectory(path, sizeBytes) {
    await fs.mkdir(path, { recursive: true });
    if (await isMountPoint(path)) return;
    const options = sizeBytes === undefined ? [] : ["-o", `size=${sizeBytes}`];
    await run("mount", ["-t", "tmpfs", ...options, "tmpfs", path]);
  },

  async kindOf(path) {
    const found = await unlessMissing(() => fs.stat(path));
    return found && kindOf(found);
  },

  async list(path) {
    return ((await unlessMissing(() => fs.readdir(path))) ?? []).toSorted();
  },

  read: (path) => fs.readFile(path),

  async write(path, content, mode) {
    await fs.writeFile(path, content);
    await fs.chmod(path, mode);
  },

  async link(target, path) {
    await fs.rm(`${path}_tmp`, { force: true });
    await fs.symlink(target, `${path}_tmp`);
    await fs.rename(`${path}_tmp`, path);
  },

  readLink: (path) => unlessMissing(() => fs.readlink(path)),

  realPath: (path) => unlessMissing(() => fs.realpath(path)),

  async chown(path, group) {
    const { uid } = await fs.stat(path);
    await fs.chown(path, uid, group);
  },

  async remove(path) {
    await unmountBelow(path);
    await fs.rm(path, { recursive: true, force: true });
  },
};

function kindOf(stats: Awaited<ReturnType<typeof fs.stat>>): FileKind {
  if (stats.isDirectory()) return "directory";
  if (stats.isSocket()) return "socket";
  if (stats.isCharacterDevice()) return "charDevice";
  return stats.isBlockDevice() ? "blockDevice" : "file";
}

async function unlessMissing<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A mounted volume must never be emptied through its mount point: it is unmounted first. */
async function unmountBelow(path: string): Promise<void> {
  for (const mountPoint of (await mountPoints()).toReversed()) {
    if (mountPoint === path || mountPoint.startsWith(join(path, "/"))) {
      await run("umount", [mountPoint]);
    }
  }
}

async function isMountPoint(path: string): Promise<boolean> {
  return (await mountPoints()).includes(path);
}

async function mountPoints(): Promise<string[]> {
  const table = await unlessMissing(() => fs.readFile("/proc/self/mounts", "utf8"));
  return (table ?? "")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .map((path) =>
      path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
    );
}

/**
 * The data directory: everything a cluster keeps. `.kubeling/` holds pki/ (certificates), store/
 * (the embedded store), nodes/ (the kubelets' files) and the kubeconfig.
 */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

export interface DataDirectory {
  path: string;
  pki: string;
  store: string;
  nodes: string;
  kubeconfig: string;
}

/** Creates what is missing. Throws a UsageError when the directory cannot be written. */
export function openDataDirectory(given: string): DataDirectory {
  const path = resolve(given);
  try {
    makeDirectory(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot write to the data directory ${path}: ${REASONS[code] ?? code}`);
  }
  return {
    path,
    pki: join(path, "pki"),
    store: join(path, "store"),
    nodes: join(path, "nodes"),
    kubeconfig: join(path, "kubeconfig"),
  };
}

/** With its parents. (Node's own `recursive` never returns where the file system refuses: /proc.) */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  ENOENT: "it cannot be made there",
  EEXIST: "a file of that name is in the way",
  ENOTDIR: "a part of the path is a file",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
};

/**
 * The part of a volume that a container's subPath names. It is made where it is missing, and must lie
 * within the volume even when links are followed: a container could have put them there to get out.
 *
 * In Kubernetes: pkg/volume/util/subpath/subpath_linux.go
 * Differs: the path is checked and then mounted; there the checked directory itself is bound, so that
 * it can't be exchanged in between.
 */
import { posix } from "node:path";
import { ConfigError } from "../pods/config-objects.ts";
import type { NodeFiles } from "../runtime/node-files.ts";

/** Resolves to the path with no link left in it. Rejects with a ConfigError when it leads out. */
export async function makeSubPath(
  files: NodeFiles,
  volumePath: string,
  subPath: string,
): Promise<string> {
  const base = await realOrMade(files, volumePath);
  let path = base;
  for (const part of subPath.split("/").filter((name) => name !== "" && name !== ".")) {
    path = await realOrMade(files, posix.join(path, part));
    if (!isWithin(base, path)) {
      throw new ConfigError(`subpath "${subPath}" not within volume path "${volumePath}"`);
    }
  }
  return path;
}

async function realOrMade(files: NodeFiles, path: string): Promise<string> {
  const real = await files.realPath(path);
  if (real !== undefined) return real;
  await files.makeDirectory(path);
  return path;
}

function isWithin(base: string, path: string): boolean {
  return path === base || path.startsWith(base === "/" ? "/" : `${base}/`);
}

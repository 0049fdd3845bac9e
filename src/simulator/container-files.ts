/** The files of one simulated container: mounts lead to the node's files, the rest is its own. */
import { posix } from "node:path";
import type { Mount } from "../kubelet/runtime/runtime.ts";
import { SimulatedFiles } from "./files.ts";
import type { ContainerFiles } from "./process.ts";

interface Place {
  files: SimulatedFiles;
  path: string;
  isReadOnly: boolean;
}

export function containerFiles(
  node: SimulatedFiles,
  mounts: Mount[],
  own: Record<string, string>,
): ContainerFiles {
  const layer = new SimulatedFiles();
  for (const directory of ["/bin", "/etc", "/home", "/root", "/tmp", "/usr", "/var"]) {
    layer.makeDirectorySync(directory);
  }
  for (const [path, content] of Object.entries(own)) layer.writeSync(path, Buffer.from(content));
  for (const { containerPath } of mounts) layer.makeDirectorySync(posix.dirname(containerPath));
  const longestFirst = mounts.toSorted((a, b) => b.containerPath.length - a.containerPath.length);

  function placeOf(path: string): Place {
    const asked = posix.resolve("/", path);
    for (const { containerPath, hostPath, readOnly } of longestFirst) {
      if (asked !== containerPath && !asked.startsWith(`${containerPath}/`)) continue;
      const rest = asked.slice(containerPath.length);
      return { files: node, path: `${hostPath}${rest}`, isReadOnly: readOnly };
    }
    return { files: layer, path: asked, isReadOnly: false };
  }

  function writable(path: string): Place {
    const place = placeOf(path);
    if (place.isReadOnly) throw new Error(`${path}: Read-only file system`);
    return place;
  }

  return {
    read(path) {
      const place = placeOf(path);
      return place.files.readSync(place.path);
    },
    write(path, content) {
      const place = writable(path);
      place.files.writeSync(place.path, content);
    },
    list(path) {
      const place = placeOf(path);
      if (place.files.kindOfSync(place.path) !== "directory") return undefined;
      const mounted = mounts.map(({ containerPath }) => posix.relative(path, containerPath));
      const names = mounted.filter((name) => name !== "" && !name.includes("/"));
      return [...new Set([...place.files.listSync(place.path), ...names])].toSorted();
    },
    remove(path) {
      const place = writable(path);
      if (place.files.kindOfSync(place.path) === undefined) return false;
      place.files.removeSync(place.path);
      return true;
    },
    makeDirectory(path) {
      const place = writable(path);
      place.files.makeDirectorySync(place.path);
    },
    kindOf(path) {
      const place = placeOf(path);
      return place.files.kindOfSync(place.path);
    },
  };
}

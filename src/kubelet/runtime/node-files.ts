/**
 * The node's files, as far as the kubelet needs them: volumes, manifests, host paths. The disk's
 * (disk-files.ts), or in memory on simulated nodes, which leave no trace on the machine they run on.
 *
 * In Kubernetes: there is only the disk.
 */
export type FileKind = "directory" | "file" | "socket" | "charDevice" | "blockDevice";

export interface NodeFiles {
  /** With all parents. Fine if it is there. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /** A file system of its own, in memory where the node can do that; else a plain directory. */
  makeMemoryDirectory(path: string, sizeBytes: number | undefined): Promise<void>;
  /** Undefined when there is nothing. */
  kindOf(path: string): Promise<FileKind | undefined>;
  /** Names of what is in a directory, sorted; empty when there is none. */
  list(path: string): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  write(path: string, content: Buffer, mode: number): Promise<void>;
  /** Makes `path` a symbolic link to `target`, replacing one that is there in one step. */
  link(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string | undefined>;
  /** The path with all links followed; undefined when there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  chown(path: string, group: number): Promise<void>;
  /** With all that is in it. Fine if it is gone. */
  remove(path: string): Promise<void>;
}

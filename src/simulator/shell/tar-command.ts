/**
 * tar, which `kubectl cp` runs in the container: `tar cf - FILE...` writes an archive to standard output, `tar xmf - -C DIR`
 * unpacks the one that comes on standard input, and t lists it. In the words of busybox's.
 */
import { posix } from "node:path";
import type { Readable } from "node:stream";
import type { Command } from "./commands.ts";
import type { Streams } from "./control.ts";
import type { Shell } from "./shell.ts";
import { archiveOf, entriesOf, type TarEntry } from "./tar-archive.ts";

interface Options {
  mode: "c" | "x" | "t";
  /** "-" for the standard streams. */
  archive: string;
  directory: string;
  paths: string[];
}

export const tar: Command = async (args, streams, shell) => {
  const options = optionsOf(args, shell.cwd);
  if (options === undefined) {
    streams.stderr("Usage: tar c|x|t [-f TARFILE] [-C DIR] [FILE]...\n");
    return 1;
  }
  if (options.mode === "c") return create(options, streams, shell);
  try {
    const entries = entriesOf(await archiveFrom(options, streams, shell));
    if (options.mode === "t") for (const { name } of entries) streams.stdout(`${name}\n`);
    else for (const entry of entries) unpack(entry, options, shell);
    return 0;
  } catch (error) {
    streams.stderr(`tar: ${(error as Error).message}\n`);
    return 1;
  }
};

function optionsOf(args: string[], cwd: string): Options | undefined {
  const options: Partial<Options> = { archive: "-", directory: cwd, paths: [] };
  const values: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(), isFirst = true; arg !== undefined; arg = rest.shift()) {
    const isLetters = (arg.startsWith("-") && arg !== "-") || isFirst;
    isFirst = false;
    if (arg.startsWith("--")) continue;
    if (!isLetters) {
      values.push(arg);
      continue;
    }
    for (const letter of arg.replace(/^-/, "")) {
      if (letter === "c" || letter === "x" || letter === "t") options.mode = letter;
      else if (letter === "f") options.archive = rest.shift() ?? "-";
      else if (letter === "C") options.directory = posix.resolve(cwd, rest.shift() ?? ".");
    }
  }
  return options.mode ? ({ ...options, paths: values } as Options) : undefined;
}

function create({ archive, directory, paths }: Options, streams: Streams, shell: Shell): number {
  const { files, clock } = shell.surroundings;
  let code = 0;
  const entries: TarEntry[] = [];
  const add = (name: string, path: string) => {
    const isDirectory = files.kindOf(path) === "directory";
    const content = isDirectory ? Buffer.alloc(0) : (files.read(path) ?? Buffer.alloc(0));
    entries.push({ name, isDirectory, content });
    for (const child of files.list(path) ?? []) add(`${name}/${child}`, posix.join(path, child));
  };
  for (const path of paths) {
    const full = posix.resolve(directory, path);
    if (files.kindOf(full) === undefined) {
      streams.stderr(`tar: ${path}: No such file or directory\n`);
      code = 1;
      continue;
    }
    if (path.startsWith("/")) streams.stderr("tar: removing leading '/' from member names\n");
    add(path.replace(/^\/+/, "").replace(/\/+$/, "") || ".", full);
  }
  const bytes = archiveOf(entries, clock.now());
  if (archive === "-") streams.stdout(bytes);
  else files.write(posix.resolve(shell.cwd, archive), bytes);
  if (code !== 0) streams.stderr("tar: error exit delayed from previous errors\n");
  return code;
}

async function archiveFrom(options: Options, streams: Streams, shell: Shell): Promise<Buffer> {
  if (options.archive === "-") return bytesOf(streams.stdin);
  const content = shell.surroundings.files.read(posix.resolve(shell.cwd, options.archive));
  if (content === undefined) {
    throw new Error(`can't open '${options.archive}': No such file or directory`);
  }
  return content;
}

async function bytesOf(stdin: Readable | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (stdin) for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}

/** Never outside the directory: a leading slash and ".." are taken off, as tar does. */
function unpack({ name, isDirectory, content }: TarEntry, options: Options, shell: Shell): void {
  const { files } = shell.surroundings;
  const path = posix.join(options.directory, posix.join("/", name));
  if (isDirectory) files.makeDirectory(path);
  else files.write(path, content);
}

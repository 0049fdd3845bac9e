/** ls, mkdir, touch, rm, test and others that look at files. */

import type { Command } from "./commands.ts";
import type { Shell } from "./shell.ts";

export const fileCommands: Record<string, Command> = {
  pwd(_args, { stdout }, { cwd }) {
    stdout(`${cwd}\n`);
    return 0;
  },
  cd([path = "/"], { stderr }, shell) {
    const full = shell.pathOf(path).replace(/(.)\/+$/, "$1");
    if (shell.surroundings.files.kindOf(full) !== "directory") {
      stderr(`sh: cd: can't cd to ${path}: No such file or directory\n`);
      return 1;
    }
    shell.cwd = full;
    return 0;
  },
  ls(args, { stdout, stderr }, shell) {
    const paths = args.filter((arg) => !arg.startsWith("-"));
    const isLong = args.some((arg) => /^-[a-z]*l/.test(arg));
    const showsHidden = args.some((arg) => /^-[a-zA-Z]*[aA]/.test(arg));
    let code = 0;
    for (const path of paths.length > 0 ? paths : [shell.cwd]) {
      const names = namesIn(path, shell)?.filter((name) => showsHidden || !name.startsWith("."));
      if (names === undefined) {
        stderr(`ls: ${path}: No such file or directory\n`);
        code = 1;
      }
      for (const name of names ?? []) stdout(isLong ? longLine(path, name, shell) : `${name}\n`);
    }
    return code;
  },
  mkdir(args, _streams, shell) {
    for (const path of args.filter((arg) => !arg.startsWith("-"))) {
      shell.surroundings.files.makeDirectory(shell.pathOf(path));
    }
    return 0;
  },
  touch(args, _streams, { surroundings: { files }, ...shell }) {
    for (const path of args) {
      const full = absolute(shell.cwd, path);
      files.write(full, files.read(full) ?? Buffer.alloc(0));
    }
    return 0;
  },
  rm(args, { stderr }, shell) {
    const isForced = args.some((arg) => /^-[a-z]*f/.test(arg));
    let code = 0;
    for (const path of args.filter((arg) => !arg.startsWith("-"))) {
      if (shell.surroundings.files.remove(shell.pathOf(path)) || isForced) continue;
      stderr(`rm: can't remove '${path}': No such file or directory\n`);
      code = 1;
    }
    return code;
  },
  test: (args, _streams, shell) => (isTrue(args, shell) ? 0 : 1),
  "[": (args, _streams, shell) => (isTrue(args.slice(0, -1), shell) ? 0 : 1),
};

function absolute(cwd: string, path: string): string {
  return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
}

function namesIn(path: string, shell: Shell): string[] | undefined {
  const { files } = shell.surroundings;
  const full = shell.pathOf(path);
  if (files.kindOf(full) === "file") return [path];
  return files.list(full);
}

function longLine(directory: string, name: string, shell: Shell): string {
  const { files } = shell.surroundings;
  const full = name.startsWith("/") ? name : `${shell.pathOf(directory)}/${name}`;
  const isDirectory = files.kindOf(full) === "directory";
  const size = isDirectory ? 4096 : (files.read(full)?.length ?? 0);
  return `${isDirectory ? "drwxr-xr-x" : "-rw-r--r--"}    1 root     root  ${String(size).padStart(8)} ${name}\n`;
}

const BINARY: Record<string, (a: string, b: string) => boolean> = {
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "-eq": (a, b) => Number(a) === Number(b),
  "-ne": (a, b) => Number(a) !== Number(b),
  "-lt": (a, b) => Number(a) < Number(b),
  "-le": (a, b) => Number(a) <= Number(b),
  "-gt": (a, b) => Number(a) > Number(b),
  "-ge": (a, b) => Number(a) >= Number(b),
};

function isTrue(args: string[], shell: Shell): boolean {
  const [first = "", operator = "", third = ""] = args;
  if (first === "!") return !isTrue(args.slice(1), shell);
  if (args.length === 3) return BINARY[operator]?.(first, third) ?? false;
  if (args.length === 1) return first !== "";
  const kind = shell.surroundings.files.kindOf(shell.pathOf(operator));
  switch (first) {
    case "-n":
      return operator !== "";
    case "-z":
      return operator === "";
    case "-e":
      return kind !== undefined;
    case "-f":
      return kind === "file";
    case "-d":
      return kind === "directory";
    default:
      return false;
  }
}

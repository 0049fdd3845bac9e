/** What parts of the simulated shell tell each other: streams, the ways out of a script, the script itself. */
import type { Readable } from "node:stream";
import type { Surroundings } from "../process.ts";

/** Where a command reads and writes. */
export interface Streams {
  stdin: Readable | undefined;
  stdout(text: string | Buffer): void;
  stderr(text: string): void;
}

export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export class LoopJump extends Error {
  readonly isBreak: boolean;
  constructor(isBreak: boolean) {
    super(isBreak ? "break" : "continue");
    this.isBreak = isBreak;
  }
}

/** `sh -c TEXT`, `sh -ec TEXT`, `sh FILE`; undefined: lines from standard input. */
export function scriptOf(argv: string[], { files }: Surroundings): string | undefined {
  const args = argv.slice(1);
  const flag = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  if (flag >= 0) return args[flag + 1] ?? "";
  const file = args.find((arg) => !arg.startsWith("-"));
  if (file === undefined) return undefined;
  return files.read(file)?.toString() ?? `echo "sh: can't open '${file}'" >&2; exit 2`;
}

/**
 * Runs a program to its end, with its input given and its output taken. A parameter wherever a
 * daemon touches the kernel, so that it can work in another network namespace than its own.
 */
import { execFile } from "node:child_process";

export interface Output {
  stdout: string;
  stderr: string;
}

/** Rejects with a CommandError when the program fails or can't be found. */
export type RunCommand = (program: string, args: string[], input?: string) => Promise<Output>;

export class CommandError extends Error {
  override readonly name = "CommandError";
  /** An exit code, or "ENOENT". What is expected to fail is logged without its stack. */
  readonly code: number | string;
  readonly stderr: string;

  constructor(program: string, code: number | string, stderr: string) {
    super(`${program} failed (${code}): ${stderr.trim()}`);
    this.code = code;
    this.stderr = stderr;
  }
}

const TIMEOUT_MS = 60_000;
const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** `prefix`: what to run it with, such as ["nsenter", "--net=/run/netns/node1"]. */
export function commandRunner(prefix: readonly string[] = []): RunCommand {
  return (program, args, input = "") => {
    const [file = program, ...rest] = [...prefix, program, ...args];
    return new Promise((resolve, reject) => {
      const options = { timeout: TIMEOUT_MS, maxBuffer: LARGEST_OUTPUT };
      const child = execFile(file, rest, options, (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(new CommandError(program, error.code ?? "killed", stderr || error.message));
      });
      // It may end without having read all: its exit code says why.
      child.stdin?.on("error", () => child.stdin?.destroy());
      child.stdin?.end(input);
    });
  };
}

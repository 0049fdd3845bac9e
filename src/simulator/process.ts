/**
 * What a simulated program is: a function that is given its surroundings and resolves to its exit
 * code. It must end soon after `killed` aborts; on `terminated` it may do as it likes.
 */
import type { Duplex, Readable } from "node:stream";
import type { Clock } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import type { ConnectionHandler } from "./network.ts";

export interface Surroundings {
  argv: string[];
  env: Map<string, string>;
  hostname: string;
  ip: string;
  stdin: Readable | undefined;
  write(stream: "stdout" | "stderr", text: string | Buffer): void;
  /** Resolves when what was written has been taken: a slow reader slows the program down. */
  drained(): Promise<void>;
  files: ContainerFiles;
  clock: Clock;
  random: Random;
  /** SIGTERM has come. */
  terminated: AbortSignal;
  /** SIGKILL has come. */
  killed: AbortSignal;
  listen(port: number, handler: ConnectionHandler): void;
  connect(host: string, port: number): Promise<Duplex>;
  isTerminal: boolean;
  workingDir: string;
  startedAt: Date;
  /** The ports the pod says its containers listen at. */
  ports: number[];
}

export type Program = (surroundings: Surroundings) => Promise<number>;

/** The files a container sees: its own, and those of its volumes where they are mounted. */
export interface ContainerFiles {
  read(path: string): Buffer | undefined;
  write(path: string, content: Buffer): void;
  list(path: string): string[] | undefined;
  remove(path: string): boolean;
  makeDirectory(path: string): void;
  kindOf(path: string): "directory" | "file" | undefined;
}

export const KILLED_EXIT_CODE = 137;

/** Runs until it is told to end; then ends well. */
export function untilTerminated({
  terminated,
  killed,
}: Pick<Surroundings, "terminated" | "killed">): Promise<number> {
  return new Promise((resolve) => {
    if (terminated.aborted) return resolve(0);
    if (killed.aborted) return resolve(KILLED_EXIT_CODE);
    const over = new AbortController();
    const endOn = (signal: AbortSignal, exitCode: number) => {
      const end = () => {
        over.abort();
        resolve(exitCode);
      };
      signal.addEventListener("abort", end, { once: true, signal: over.signal });
    };
    endOn(terminated, 0);
    endOn(killed, KILLED_EXIT_CODE);
  });
}

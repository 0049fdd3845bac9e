/** `kubeling up` (or a daemon) as a process of its own, as a user starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

export interface CommandProcess {
  readonly child: ChildProcess;
  /** All it has written, both streams. */
  output(): string;
  /** Resolves when the output has this; rejects when the process ends before. */
  prints(text: string | RegExp): Promise<void>;
  /** Resolves to the exit code (or the signal's name). */
  ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and waits. */
  stop(): Promise<void>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

/** Runs dist/<command>.js with the arguments. `within`: a program that runs it, such as nsenter. */
export function startCommand(
  command: string,
  args: string[],
  env = {},
  within: readonly string[] = [],
): CommandProcess {
  const line = [...within, process.execPath, join(dist, `${command}.js`), ...args];
  const child = spawn(line[0]!, line.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let text = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal!));
  });
  const stopWith = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    child,
    output: () => text,
    prints: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const isThere = typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
          if (!isThere) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void ended.then((how) =>
          reject(new Error(`${command} ended with ${how} before it printed ${wanted}:\n${text}`)),
        );
        look();
      }),
    ended,
    stop: () => stopWith("SIGTERM"),
    kill: () => stopWith("SIGKILL"),
  };
}

export interface RunningKubeling extends CommandProcess {
  dataDirectory: string;
  kubeconfig: string;
  port: number;
  securePort: number;
  /** The arguments it was started with, to start it again. */
  args: string[];
  /** Stops it and removes its data directory. */
  remove(): Promise<void>;
}

/** `kubeling up` on free ports with a data directory of its own, ready. */
export async function startKubeling(...extra: string[]): Promise<RunningKubeling> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "kubeling-"));
  const [port, securePort] = [await freePort(), await freePort()];
  const args = ["--data-dir", dataDirectory, "--port", `${port}`, "--secure-port", `${securePort}`];
  return restartKubeling({ dataDirectory, port, securePort, args: [...args, ...extra] });
}

/** The same again, after it was stopped or killed. */
export async function restartKubeling(
  before: Pick<RunningKubeling, "dataDirectory" | "port" | "securePort" | "args">,
): Promise<RunningKubeling> {
  const { dataDirectory, port, securePort, args } = before;
  const running = startCommand("kubeling", ["up", ...args]);
  await running.prints("ready in");
  return {
    ...running,
    dataDirectory,
    kubeconfig: join(dataDirectory, "kubeconfig"),
    port,
    securePort,
    args,
    async remove() {
      await running.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

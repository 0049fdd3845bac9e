/**
 * The servers that are measured, each a process of its own: started, waited for, weighed (memory,
 * processor time), and ended.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** Ticks of /proc/<pid>/stat in a second; 100 on every Linux there is. */
const TICKS_PER_SECOND = 100;

const running = new Set<ChildProcess>();

// They end with this process, whatever ends it.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Child {
  readonly #process: ChildProcess;
  readonly #command: string;
  #said = "";

  constructor(command: string, args: readonly string[]) {
    this.#command = [command, ...args].join(" ");
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.#process);
    this.#process.once("close", () => running.delete(this.#process));
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-100_000);
      });
    }
  }

  /** Resolves, with what was matched, when the child has said it. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    const { stdout, stderr } = this.#process;
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#said);
        if (match === null) return;
        stdout!.off("data", look);
        stderr!.off("data", look);
        resolve(match);
      };
      stdout!.on("data", look);
      stderr!.on("data", look);
      this.#process.once("error", reject);
      this.#process.once("close", (code) =>
        reject(new Error(`${this.#command} ended with ${code}:\n${this.#said}`)),
      );
      look();
    });
  }

  /** Resident memory. */
  get megabytes(): number {
    const { pid } = this.#process;
    const kilobytes = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
    return Number(kilobytes) / 1024;
  }

  /** Of the processor, since it began, in user and kernel mode. Linux only. */
  get cpuSeconds(): number {
    if (process.platform !== "linux") return Number.NaN;
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#hasEnded) return;
    await once(this.#process, "close");
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.#hasEnded) this.#process.kill(signal);
    await this.ended();
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

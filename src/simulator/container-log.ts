/**
 * What a simulated container has written, line by line with the time of each: the newest lines are
 * kept, up to a limit, as a rotated log file keeps them.
 */
import type { Writable } from "node:stream";
import type { LogOptions } from "../kubelet/runtime/runtime.ts";

interface Line {
  time: Date;
  stream: "stdout" | "stderr";
  text: string;
}

const LIMIT_BYTES = 256 * 1024;

export class ContainerLog {
  readonly #lines: Line[] = [];
  #bytes = 0;
  #dropped = 0;
  #isClosed = false;
  readonly #rest = { stdout: "", stderr: "" };
  readonly #listeners = new Set<() => void>();

  append(stream: Line["stream"], text: string, time: Date): void {
    const pieces = (this.#rest[stream] + text).split("\n");
    this.#rest[stream] = pieces.pop() ?? "";
    for (const piece of pieces) this.#push({ time, stream, text: `${piece}\n` });
    if (pieces.length > 0) this.#tell();
  }

  /** Nothing more comes: what stands without a line end is a line all the same. */
  close(time: Date): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#rest[stream] !== "") this.#push({ time, stream, text: this.#rest[stream] });
      this.#rest[stream] = "";
    }
    this.#isClosed = true;
    this.#tell();
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  async copyTo(options: LogOptions, stdout: Writable, stderr: Writable): Promise<void> {
    let left = options.limitBytes ?? Infinity;
    let next = this.#firstOf(options);
    while (!options.signal.aborted) {
      const line = this.#lines[Math.max(0, next - this.#dropped)];
      if (line === undefined) {
        if (!options.follow || this.#isClosed) return;
        await this.#more(options.signal);
        continue;
      }
      next = Math.max(next, this.#dropped) + 1;
      const whole = options.timestamps ? `${stamp(line.time)} ${line.text}` : line.text;
      const bytes = Buffer.from(whole).subarray(0, left);
      left -= bytes.length;
      await write(line.stream === "stdout" ? stdout : stderr, bytes, options.signal);
      if (left <= 0) return;
    }
  }

  /** The number of the first line asked for; lines are counted from the container's start. */
  #firstOf({ since, tailLines = Infinity }: LogOptions): number {
    const found = since ? this.#lines.findIndex(({ time }) => time >= since) : 0;
    const first = found < 0 ? this.#lines.length : found;
    return this.#dropped + Math.max(first, this.#lines.length - tailLines);
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#listeners.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  #push(line: Line): void {
    this.#lines.push(line);
    this.#bytes += line.text.length;
    while (this.#bytes > LIMIT_BYTES) {
      this.#bytes -= this.#lines.shift()?.text.length ?? 0;
      this.#dropped++;
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Nanoseconds, as the logs of real runtimes have them. */
function stamp(time: Date): string {
  return time.toISOString().replace("Z", "000000Z");
}

function write(to: Writable, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (to.destroyed || to.write(bytes)) return resolve();
    const done = () => {
      to.off("drain", done);
      to.off("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    to.once("drain", done);
    to.once("close", done);
    signal.addEventListener("abort", done, { once: true });
  });
}

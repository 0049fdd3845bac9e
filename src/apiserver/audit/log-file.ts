/**
 * The file of the audit log: one that has grown too large is put aside under the time of day, and of those put
 * aside the oldest are deleted.
 *
 * In Kubernetes: gopkg.in/natefinch/lumberjack.v2, as --audit-log-path and its brothers use it.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Clock } from "../../component/clock.ts";

export interface LogFileOptions {
  /** "-" is standard output. */
  path: string;
  /** In megabytes; 0: never put aside. */
  maxSize: number;
  /** Days; 0: for ever. */
  maxAge: number;
  /** How many; 0: all. */
  maxBackups: number;
}

const MEGABYTE = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;

/** Lines are gathered and written together: one write for all that came in one turn. */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #clock: Clock;
  #gathered: string[] = [];
  #bytes: number;

  constructor(options: LogFileOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const { path } = options;
    if (path !== "-") mkdirSync(dirname(path), { recursive: true });
    this.#bytes = path !== "-" && existsSync(path) ? statSync(path).size : 0;
  }

  write(line: string): void {
    if (this.#gathered.length === 0) setImmediate(() => this.flush());
    this.#gathered.push(line);
  }

  flush(): void {
    const text = this.#gathered.join("");
    this.#gathered = [];
    if (text === "") return;
    const { path, maxSize } = this.#options;
    if (path === "-") {
      process.stdout.write(text);
      return;
    }
    const size = Buffer.byteLength(text);
    if (maxSize > 0 && this.#bytes > 0 && this.#bytes + size > maxSize * MEGABYTE) this.#putAside();
    appendFileSync(path, text, { mode: 0o600 });
    this.#bytes += size;
  }

  #putAside(): void {
    const { path } = this.#options;
    const time = this.#clock.now().toISOString().replaceAll(":", "-").replace("Z", "");
    const end = extname(path);
    renameSync(path, `${path.slice(0, path.length - end.length)}-${time}${end}`);
    this.#bytes = 0;
    this.#deleteOld();
  }

  #deleteOld(): void {
    const { path, maxAge, maxBackups } = this.#options;
    const end = extname(path);
    const start = `${basename(path, end)}-`;
    const aside = readdirSync(dirname(path))
      .filter((name) => name.startsWith(start) && name.endsWith(end))
      .map((name) => ({ name, time: timeOf(name.slice(start.length, name.length - end.length)) }))
      .filter(({ time }) => !Number.isNaN(time))
      .toSorted((a, b) => b.time - a.time);
    const oldestMs = this.#clock.now().getTime() - maxAge * DAY_MS;
    for (const [i, { name, time }] of aside.entries()) {
      const isTooMany = maxBackups > 0 && i >= maxBackups;
      if (isTooMany || (maxAge > 0 && time < oldestMs)) rmSync(join(dirname(path), name));
    }
  }
}

/** "2026-11-22T20-18-06.123" */
function timeOf(text: string): number {
  return Date.parse(`${text.replace(/T(\d\d)-(\d\d)-/, "T$1:$2:")}Z`);
}

/**
 * Log lines in klog's format, on standard error:
 *
 *   I1122 16:38:05.123456    4711 replication.ts] "Created pod" pod="default/web-x7k2q"
 *
 * In Kubernetes: k8s.io/klog/v2. Differs: the bracket names the component, not a source line.
 */
import type { Clock } from "./clock.ts";

export type LogFields = Record<string, unknown>;

export interface Log {
  /** Something worth knowing; `verbosity` 0 is always printed, higher ones with `--v`. */
  info(message: string, fields?: LogFields, verbosity?: number): void;
  warn(message: string, fields?: LogFields): void;
  /** Something that failed. An Error that is not an ApiError is printed with its stack. */
  error(message: string, error: unknown, fields?: LogFields): void;
  /** The same log under another name. */
  named(name: string): Log;
}

export interface LogOptions {
  clock: Clock;
  verbosity: number;
  write(line: string): void;
}

export function createLog(name: string, options: LogOptions): Log {
  const { clock, verbosity, write } = options;
  const print = (severity: "I" | "W" | "E", message: string, fields: LogFields = {}) => {
    const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${quote(value)}`);
    const header = `${severity}${stamp(clock.now())} ${String(process.pid).padStart(7)} ${name}]`;
    write(`${header} ${JSON.stringify(message)}${pairs.join("")}\n`);
  };
  return {
    info: (message, fields, level = 0) => {
      if (level <= verbosity) print("I", message, fields);
    },
    warn: (message, fields) => print("W", message, fields),
    error: (message, error, fields) => print("E", message, { err: wording(error), ...fields }),
    named: (other) => createLog(other, options),
  };
}

/** The last line of a daemon that could not go on: what failed, always with its stack. */
export function fatal(name: string, clock: Clock, error: unknown): string {
  const header = `F${stamp(clock.now())} ${String(process.pid).padStart(7)} ${name}]`;
  const wording = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${header} ${wording}\n`;
}

/** A log that says nothing, for tests that look at behaviour only. */
export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  named: () => silentLog,
};

function stamp(now: Date): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return `${date.slice(5, 7)}${date.slice(8, 10)} ${time.slice(0, 12)}000`;
}

function quote(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : JSON.stringify(typeof value === "string" ? value : (value ?? null));
}

/** What is expected to fail now and then is told in a sentence; a bug is told with its stack. */
function wording(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = error.name === "ApiError" || "code" in error;
  return isExpected ? error.message : (error.stack ?? error.message);
}

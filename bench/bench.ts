/** A benchmark: a name to call it by, and what it is given to run with. */
import type { Figure } from "./report.ts";
import type { Door } from "./servers.ts";

export interface Benchmark {
  name: string;
  about: string;
  /** What this machine has not, and without which it can't be run: it is skipped then. */
  missing?(): string[];
  run(setting: Setting): Promise<Figure[]>;
}

export interface Setting {
  rounds: number;
  /** The sizes at which Kubernetes measures itself, however long it takes. */
  isFull: boolean;
  /** Plain HTTP or TLS, for the servers that are measured and those they are compared with. */
  door: Door;
  /** Removed at the end. */
  directory: string;
}

/**
 * Whether the daemon may protect a process from being killed when memory runs out. A negative score
 * needs CAP_SYS_RESOURCE, which a machine that is itself a container often lacks; every container
 * asking for one would fail to start. There we say so once and go on without the protection.
 *
 * In Kubernetes: pkg/kubelet/qos/policy.go gives the scores; there is no such fallback.
 */
import { readFileSync } from "node:fs";
import type { Log } from "../../../component/log.ts";

const CAP_SYS_RESOURCE = 24n;

export class OomScore {
  #mayProtect: boolean;
  #isWarned = false;
  readonly #log: Log;

  constructor(log: Log, mayProtect = mayLowerScores()) {
    this.#log = log;
    this.#mayProtect = mayProtect;
  }

  /** The score to ask the daemon for where Kubernetes wants `score`. */
  allowed(score: number): number {
    if (score >= 0 || this.#mayProtect) return score;
    if (!this.#isWarned) {
      this.#log.warn(
        "This machine does not let containers be protected from running out of memory " +
          "(CAP_SYS_RESOURCE is missing); going on without",
        { wantedOomScoreAdj: score },
      );
      this.#isWarned = true;
    }
    return 0;
  }

  /** True when a start failed for this reason, so that asking again without will do. */
  learnFrom(error: unknown): boolean {
    const isRefused = error instanceof Error && error.message.includes("oom_score_adj");
    if (!isRefused || !this.#mayProtect) return false;
    this.#mayProtect = false;
    return true;
  }
}

/** What our own processes may at most be given, the daemon's may as well, if it runs here. */
function mayLowerScores(): boolean {
  if (process.platform !== "linux") return true;
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return bounding === undefined || ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

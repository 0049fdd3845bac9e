/**
 * What the flags of a daemon say of its election, or why nobody could be elected by them.
 *
 * In Kubernetes: NewLeaderElector and resourcelock.New of k8s.io/client-go/tools/leaderelection.
 */
import { StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import type { commonFlags } from "./daemon-flags.ts";
import { JITTER, type LeaderElectionOptions } from "./leader-election.ts";

type Election = Pick<LeaderElectionOptions, "namespace" | "name"> &
  Required<Pick<LeaderElectionOptions, "leaseDurationMs" | "renewDeadlineMs" | "retryPeriodMs">>;

/** Throws a StartError in the original's words. */
export function electionOf(flags: Flags<ReturnType<typeof commonFlags>>): Election {
  checkLock(flags["leader-elect-resource-lock"]);
  const election = {
    namespace: flags["leader-elect-resource-namespace"],
    name: flags["leader-elect-resource-name"],
    leaseDurationMs: flags["leader-elect-lease-duration"],
    renewDeadlineMs: flags["leader-elect-renew-deadline"],
    retryPeriodMs: flags["leader-elect-retry-period"],
  };
  const wrong = problemOf(election);
  if (wrong !== undefined) throw new StartError(wrong);
  return election;
}

/** Those of old kept the record in an annotation of another object. */
function checkLock(lock: string): void {
  if (lock === "leases") return;
  const isOld = lock === "endpoints" || lock === "configmaps";
  const why = isOld
    ? `${lock} lock is removed, migrate to ${lock}leases (using version v0.27.x)`
    : `Invalid lock-type ${lock}`;
  throw new StartError(`error creating lock: ${why}`);
}

function problemOf({ namespace, name, ...times }: Election): string | undefined {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = times;
  if (namespace === "") return "leaderElection.resourceNamespace: Required value";
  if (name === "") return "leaderElection.resourceName: Required value";
  if (leaseDurationMs <= renewDeadlineMs) {
    return "leaseDuration must be greater than renewDeadline";
  }
  if (renewDeadlineMs <= JITTER * retryPeriodMs) {
    return "renewDeadline must be greater than retryPeriod*JitterFactor";
  }
  return retryPeriodMs > 0 ? undefined : "retryPeriod must be greater than zero";
}

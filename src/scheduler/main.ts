/**
 * kube-scheduler, the daemon: the scheduler with flags, leader election, health and metrics.
 *
 * In Kubernetes: cmd/kube-scheduler
 */
import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { runLeadingDaemon } from "../client/leading-daemon.ts";
import { type Daemon, StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import type { Log } from "../component/log.ts";
import { schedulerFlags } from "./flags.ts";
import { createSchedulerMetrics } from "./metrics.ts";
import { readPolicy } from "./policy.ts";
import type { ProfileOptions } from "./profile.ts";
import { startScheduler } from "./scheduler.ts";

export const kubeScheduler: Daemon<typeof schedulerFlags> = {
  name: "kube-scheduler",
  about:
    "The Kubernetes scheduler assigns pods to nodes: it looks at what each pod asks for and what " +
    "each node has left,\nkeeps the nodes that will do, scores them, and binds the pod to the best.",
  flags: schedulerFlags,
  async run(daemon) {
    const name = daemon.flags["scheduler-name"];
    const profile = profileOf(daemon.flags, daemon.log);
    const registry = new Registry();
    const { observer, show } = createSchedulerMetrics(registry, name);
    await runLeadingDaemon(daemon, {
      name: "kube-scheduler",
      metrics: registry,
      start: async (context) =>
        show((await startScheduler(context, { name, profile, observer })).queue),
    });
  },
};

function profileOf(flags: Flags<typeof schedulerFlags>, log: Log): ProfileOptions {
  const provider = flags["algorithm-provider"];
  if (provider !== "DefaultProvider") {
    throw new StartError(`plugin ${JSON.stringify(provider)} has not been registered`);
  }
  const hardPodAffinityWeight = flags["hard-pod-affinity-symmetric-weight"];
  if (hardPodAffinityWeight < 0 || hardPodAffinityWeight > 100) {
    throw new StartError(
      `invalid hardPodAffinitySymmetricWeight: ${hardPodAffinityWeight}, ` +
        "must be in the range 0-100",
    );
  }
  const file = flags["policy-config-file"];
  return { hardPodAffinityWeight, ...(file === "" ? {} : policyIn(file, log)) };
}

function policyIn(file: string, log: Log): ProfileOptions {
  try {
    const { profile, warnings } = readPolicy(readFileSync(file, "utf8"));
    for (const warning of warnings) log.warn(warning);
    return profile;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`unable to use the policy file ${file}: ${why}`);
  }
}

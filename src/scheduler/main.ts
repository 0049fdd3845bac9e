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
import { type ReadConfiguration, readConfiguration } from "./configuration.ts";
import { DECISIONS_PATH, decisionsPage } from "./decisions-page.ts";
import { schedulerFlags } from "./flags.ts";
import { createSchedulerMetrics } from "./metrics.ts";
import { type ReadPolicy, readPolicy } from "./policy.ts";
import { type RunningScheduler, startScheduler } from "./scheduler.ts";

type SchedulerFlags = Flags<typeof schedulerFlags>;

export const kubeScheduler: Daemon<typeof schedulerFlags> = {
  name: "kube-scheduler",
  about:
    "The Kubernetes scheduler assigns pods to nodes: it looks at what each pod asks for and what " +
    "each node has left,\nkeeps the nodes that will do, scores them, and binds the pod to the best.",
  flags: schedulerFlags,
  async run(daemon) {
    const { scheduler, flags } = optionsOf(daemon.flags, daemon.log);
    const registry = new Registry();
    const { observer, show } = createSchedulerMetrics(registry);
    let running: RunningScheduler | undefined;
    await runLeadingDaemon(
      { ...daemon, flags: { ...daemon.flags, ...flags } },
      {
        name: "kube-scheduler",
        metrics: registry,
        pages: { [DECISIONS_PATH]: (query) => decisionsPage(running, query) },
        start: async (context) => {
          running = await startScheduler(context, { ...scheduler, observer });
          show(running.queue);
        },
      },
    );
  },
};

function optionsOf(flags: SchedulerFlags, log: Log): ReadConfiguration {
  if (flags.config !== "") return configurationIn(flags.config);
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
  const { profile = {}, extenders = [] } = file === "" ? {} : policyIn(file, log);
  const name = flags["scheduler-name"];
  const profiles = [{ name, hardPodAffinityWeight, ...profile }];
  return { scheduler: { profiles, extenders }, flags: {} };
}

function configurationIn(file: string): ReadConfiguration {
  try {
    return readConfiguration(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`unable to use the configuration file ${file}: ${why}`);
  }
}

function policyIn(file: string, log: Log): ReadPolicy {
  try {
    const policy = readPolicy(readFileSync(file, "utf8"));
    for (const warning of policy.warnings) log.warn(warning);
    return policy;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`unable to use the policy file ${file}: ${why}`);
  }
}

/**
 * The flags of kube-scheduler, with the names of Kubernetes 1.2 to 1.5, and --config of today's.
 *
 * In Kubernetes: plugin/cmd/kube-scheduler/app/options/options.go (1.5)
 */
import { commonFlags } from "../client/daemon-flags.ts";
import { type FlagSet, flag } from "../component/flags.ts";

const UNUSED = "flag is unused and will be removed. Use kube-api-qps instead.";

export const schedulerFlags = {
  ...commonFlags("kube-scheduler"),
  port: flag("int", 10251, "The port that the scheduler's http service runs on; 0 for none"),
  "algorithm-provider": flag(
    "string",
    "DefaultProvider",
    "The scheduling algorithm provider to use, one of: DefaultProvider",
  ),
  config: flag(
    "string",
    "",
    "The path to the configuration file (KubeSchedulerConfiguration). What it says goes before the flags.",
  ),
  "policy-config-file": flag("string", "", "File with scheduler policy configuration"),
  "scheduler-name": flag(
    "string",
    "default-scheduler",
    "Name of the scheduler, used to select which pods will be processed by this scheduler, based " +
      "on pod's spec.schedulerName.",
  ),
  "hard-pod-affinity-symmetric-weight": flag(
    "int",
    1,
    "RequiredDuringScheduling affinity is not symmetric, but there is an implicit " +
      "PreferredDuringScheduling affinity rule corresponding to every RequiredDuringScheduling " +
      "affinity rule. It represents the weight of that implicit rule, 0 to 100.",
  ),
  "failure-domains": flag(
    "strings",
    [
      "kubernetes.io/hostname",
      "failure-domain.beta.kubernetes.io/zone",
      "failure-domain.beta.kubernetes.io/region",
    ],
    'Indicate the "all topologies" set for an empty topologyKey.',
    { noEffect: "an empty topologyKey is refused by the API" },
  ),
  "bind-pods-qps": flag("float32", 0, "unused", { deprecated: UNUSED }),
  "bind-pods-burst": flag("int", 0, "unused", {
    deprecated: UNUSED.replace("qps", "burst"),
  }),
} satisfies FlagSet;

/**
 * The flags of every daemon that is a client of the API server and works only while it leads.
 *
 * In Kubernetes: staging/src/k8s.io/component-base/config/options, cmd/kube-scheduler/app/options (1.2 to 1.5)
 */
import { type FlagSet, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";

const JSON_ONLY = "requests and answers are JSON";

export const connectionFlags = {
  master: flag(
    "string",
    "",
    "The address of the Kubernetes API server (overrides any value in kubeconfig)",
  ),
  kubeconfig: flag(
    "string",
    "",
    "Path to kubeconfig file with authorization and master location information.",
  ),
  "kube-api-qps": flag(
    "float32",
    0,
    "QPS to use while talking with kubernetes apiserver; 0 for no limit",
  ),
  "kube-api-burst": flag(
    "int",
    0,
    "Burst to use while talking with kubernetes apiserver; 0 for twice the QPS",
  ),
  "kube-api-content-type": flag(
    "string",
    "application/json",
    "Content type of requests sent to apiserver.",
    { noEffect: JSON_ONLY, alreadySo: "application/json" },
  ),
} satisfies FlagSet;

const leaderElectionFlags = {
  "leader-elect": flag(
    "bool",
    true,
    "Start a leader election client and gain leadership before executing the main loop. Enable " +
      "this when running replicated components for high availability.",
  ),
  "leader-elect-lease-duration": flag(
    "duration",
    15_000,
    "The duration that non-leader candidates will wait after observing a leadership renewal until " +
      "attempting to acquire leadership of a led but unrenewed leader slot.",
  ),
  "leader-elect-renew-deadline": flag(
    "duration",
    10_000,
    "The interval between attempts by the acting master to renew a leadership slot before it stops " +
      "leading. This must be less than the lease duration.",
  ),
  "leader-elect-retry-period": flag(
    "duration",
    2_000,
    "The duration the clients should wait between attempting acquisition and renewal of a " +
      "leadership.",
  ),
  "leader-elect-resource-lock": flag(
    "string",
    "leases",
    "The type of resource object that is used for locking during leader election. Supported " +
      "options are 'leases'.",
  ),
  "leader-elect-resource-namespace": flag(
    "string",
    "kube-system",
    "The namespace of resource object that is used for locking during leader election.",
  ),
} satisfies FlagSet;

const leaseNameFlag = (daemon: string) =>
  ({
    "leader-elect-resource-name": flag(
      "string",
      daemon,
      "The name of resource object that is used for locking during leader election.",
    ),
  }) satisfies FlagSet;

const flagsOfEach = {
  ...loggingFlags,
  ...connectionFlags,
  ...leaderElectionFlags,
  address: flag(
    "ip",
    "127.0.0.1",
    "The IP address to serve /healthz and /metrics on (set to 0.0.0.0 for all interfaces)",
  ),
  profiling: flag("bool", true, "Enable profiling via web interface host:port/debug/pprof/", {
    noEffect: "start with NODE_OPTIONS=--inspect or --cpu-prof to profile",
    alreadySo: false,
  }),
  "feature-gates": flag(
    "mapStringString",
    {},
    "A set of key=value pairs that describe feature gates for alpha/experimental features.",
    { noEffect: "there are no gates, all there is is on" },
  ),
  "google-json-key": flag(
    "string",
    "",
    "The Google Cloud Platform Service Account JSON Key to use for authentication.",
    { noEffect: "there is no cloud provider" },
  ),
} satisfies FlagSet;

/** Only the name of its Lease differs from daemon to daemon: it is the daemon's own. */
export function commonFlags(daemon: string) {
  return { ...flagsOfEach, ...leaseNameFlag(daemon) };
}

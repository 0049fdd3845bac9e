/**
 * The flags of kube-proxy, with the names of Kubernetes 1.2 to 1.5 and those of 1.30 that took
 * their place. Those about things that are not here are accepted, for old unit files, and say so.
 *
 * In Kubernetes: cmd/kube-proxy/app/server.go (1.30), options/options.go (1.5)
 */
import { connectionFlags } from "../client/daemon-flags.ts";
import { type FlagSet, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";

const node = {
  "hostname-override": flag(
    "string",
    "",
    "If non-empty, will be used as the name of the Node that kube-proxy is running on. If unset, " +
      "the node name is assumed to be the same as the node's hostname.",
  ),
  "bind-address": flag(
    "ip",
    "0.0.0.0",
    "In iptables mode, overrides kube-proxy's idea of what its node's primary IP is. In userspace " +
      "mode, what the proxies listen on (0.0.0.0 for all interfaces).",
  ),
  "feature-gates": flag(
    "mapStringString",
    {},
    "A set of key=value pairs of feature gates. The one there is: EndpointSliceProxying=true|false " +
      "(BETA - default=true), which reads EndpointSlices where the cluster has them.",
  ),
  "proxy-mode": flag(
    "string",
    "",
    "Which proxy mode to use: 'iptables' or 'userspace'. Blank is the best there is: iptables.",
  ),
  "oom-score-adj": flag(
    "int",
    -999,
    "The oom-score-adj value for kube-proxy process. Values must be within the range [-1000, 1000].",
  ),
};

const rules = {
  "cluster-cidr": flag(
    "string",
    "",
    "The CIDR range of the pods in the cluster. When set, traffic to a service's cluster IP from " +
      "outside of it is masqueraded.",
  ),
  "masquerade-all": flag(
    "bool",
    false,
    "SNAT all traffic sent via Service cluster IPs (this may not be a good idea).",
  ),
  "iptables-masquerade-bit": flag(
    "int",
    14,
    "The bit of the fwmark space to mark packets requiring SNAT with. Must be within [0, 31].",
  ),
  "iptables-sync-period": flag(
    "duration",
    30_000,
    "How often the rules are looked at, and put back where they have changed. Must be greater " +
      "than 0.",
  ),
  "iptables-min-sync-period": flag(
    "duration",
    1_000,
    "The minimum period between rule changes, so that changes are carried out together.",
  ),
  "iptables-localhost-nodeports": flag(
    "bool",
    true,
    "If false, node ports do not answer on 127.0.0.1.",
  ),
  "nodeport-addresses": flag(
    "strings",
    [],
    "A list of CIDR ranges: node ports answer on the node's addresses in these. All if unset.",
  ),
  "udp-timeout": flag(
    "duration",
    250,
    "How long an idle UDP connection will be kept open. Must be greater than 0. In userspace mode.",
  ),
  "proxy-port-range": flag(
    "string",
    "",
    "Range of host ports (beginPort-endPort, or beginPort+offset) that the proxies listen on in " +
      "userspace mode. If unset, 0, or 0-0, the kernel chooses.",
  ),
  cleanup: flag("bool", false, "If true cleanup iptables rules and exit."),
  "cleanup-iptables": flag("bool", false, "If true cleanup iptables rules and exit.", {
    deprecated: "use --cleanup instead",
  }),
};

const connections = {
  "conntrack-max-per-core": flag(
    "int",
    32_768,
    "Maximum number of NAT connections to track per CPU core (0 to leave the limit as-is and " +
      "ignore conntrack-min).",
  ),
  "conntrack-min": flag(
    "int",
    131_072,
    "Minimum number of conntrack entries to allocate, regardless of conntrack-max-per-core.",
  ),
  "conntrack-max": flag("int", 0, "Maximum number of NAT connections to track.", {
    deprecated: "use --conntrack-max-per-core and --conntrack-min instead",
  }),
  "conntrack-tcp-timeout-established": flag(
    "duration",
    86_400_000,
    "Idle timeout for established TCP connections (0 to leave as-is).",
  ),
  "conntrack-tcp-timeout-close-wait": flag(
    "duration",
    3_600_000,
    "NAT timeout for TCP connections in the CLOSE_WAIT state (0 to leave as-is).",
  ),
};

const health = {
  "healthz-bind-address": flag(
    "string",
    "0.0.0.0:10256",
    "The IP address and port for the health check server to serve on.",
  ),
  "healthz-port": flag("int", 10256, "The port of the health check server; 0 for none.", {
    deprecated: "use --healthz-bind-address instead",
  }),
  "metrics-bind-address": flag(
    "string",
    "127.0.0.1:10249",
    "The IP address and port for the metrics server to serve on: /metrics, /proxyMode, /configz.",
  ),
};

const withoutEffect = {
  "config-sync-period": flag("duration", 900_000, "How often configuration is refreshed.", {
    noEffect: "changes are told, and need not be looked for",
  }),
  "google-json-key": flag("string", "", "The Google Cloud Platform account key.", {
    noEffect: "there is no cloud provider",
  }),
  profiling: flag("bool", false, "Enables profiling via web interface on /debug/pprof.", {
    noEffect: "start with NODE_OPTIONS=--inspect or --cpu-prof to profile",
    alreadySo: false,
  }),
  "resource-container": flag("string", "/kube-proxy", "The container to run in.", {
    deprecated: "This feature will be removed in a later release.",
    noEffect: "the service manager says in which cgroup this runs",
  }),
};

export const proxyFlags = {
  ...loggingFlags,
  ...connectionFlags,
  ...node,
  ...rules,
  ...connections,
  ...health,
  ...withoutEffect,
} satisfies FlagSet;

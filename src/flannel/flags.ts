/**
 * The flags of flanneld, 0.5 to 0.20 taken together.
 *
 * In Kubernetes: github.com/flannel-io/flannel/main.go
 */
import { type FlagSet, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";

const ONE_NETWORK = "there is one network; several were an experiment that ended with flannel 0.8";
const NO_REMOTE = "each flanneld talks to etcd itself; servers in between ended with flannel 0.9";
const NO_KUBE = "leases are kept in etcd, not in the Nodes of Kubernetes";

const etcdFlags = {
  "etcd-endpoints": flag(
    "string",
    "http://127.0.0.1:4001,http://127.0.0.1:2379",
    "a comma-delimited list of etcd endpoints",
  ),
  "etcd-prefix": flag("string", "/coreos.com/network", "etcd prefix"),
  "etcd-keyfile": flag("string", "", "SSL key file used to secure etcd communication"),
  "etcd-certfile": flag("string", "", "SSL certification file used to secure etcd communication"),
  "etcd-cafile": flag(
    "string",
    "",
    "SSL Certificate Authority file used to secure etcd communication",
  ),
  "etcd-username": flag("string", "", "username for BasicAuth to etcd"),
  "etcd-password": flag("string", "", "password for BasicAuth to etcd"),
} satisfies FlagSet;

const interfaceFlags = {
  iface: flag(
    "strings",
    [],
    "interface to use (IP or name) for inter-host communication. Can be specified multiple times to check each option in order. Returns the first match found.",
  ),
  "iface-regex": flag(
    "strings",
    [],
    "regex expression to match the first interface to use (IP or name) for inter-host communication. Can be specified multiple times to check each regex in order. Returns the first match found. Regexes are checked after specific interfaces specified by the iface option have already been checked.",
  ),
  "iface-can-reach": flag(
    "string",
    "",
    "detect interface to use (IP or name) for inter-host communication based on which will be used for provided IP. This is exactly the interface to use of command 'ip route get <ip-address>'",
  ),
  "public-ip": flag(
    "string",
    "",
    "IP accessible by other nodes for inter-host communication. Defaults to the IP of the interface.",
  ),
} satisfies FlagSet;

const kubernetesFlags = {
  "kube-subnet-mgr": flag(
    "bool",
    false,
    "contact the Kubernetes API for subnet assignment instead of etcd.",
  ),
  "kube-api-url": flag("string", "", "Kubernetes API server URL.", { noEffect: NO_KUBE }),
  "kube-annotation-prefix": flag(
    "string",
    "flannel.alpha.coreos.com",
    "Kubernetes annotation prefix.",
    { noEffect: NO_KUBE },
  ),
  "kubeconfig-file": flag("string", "", "kubeconfig file location.", { noEffect: NO_KUBE }),
  "net-config-path": flag(
    "string",
    "/etc/kube-flannel/net-conf.json",
    "path to the network configuration file",
    { noEffect: NO_KUBE },
  ),
  "set-node-network-unavailable": flag("bool", true, "set NodeNetworkUnavailable after ready", {
    noEffect: NO_KUBE,
  }),
} satisfies FlagSet;

const formerFlags = {
  networks: flag("string", "", "run in multi-network mode and service the specified networks", {
    noEffect: ONE_NETWORK,
  }),
  "watch-networks": flag(
    "bool",
    false,
    "run in multi-network mode and watch for networks from 'networks' or all networks",
    { noEffect: ONE_NETWORK, alreadySo: false },
  ),
  "subnet-dir": flag(
    "string",
    "/run/flannel/networks",
    "directory where files with env variables (subnet, MTU, ...) will be written to",
    { noEffect: ONE_NETWORK },
  ),
  listen: flag("string", "", "run as server and listen on specified address (e.g. ':8080')", {
    noEffect: NO_REMOTE,
  }),
  remote: flag(
    "string",
    "",
    "run as client and connect to server on specified address (e.g. '10.1.2.3:8080')",
    { noEffect: NO_REMOTE },
  ),
  "remote-keyfile": flag("string", "", "SSL key file used to secure client/server communication", {
    noEffect: NO_REMOTE,
  }),
  "remote-certfile": flag(
    "string",
    "",
    "SSL certification file used to secure client/server communication",
    { noEffect: NO_REMOTE },
  ),
  "remote-cafile": flag(
    "string",
    "",
    "SSL Certificate Authority file used to secure client/server communication",
    { noEffect: NO_REMOTE },
  ),
} satisfies FlagSet;

export const flanneldFlags = {
  ...loggingFlags,
  ...etcdFlags,
  ...interfaceFlags,
  ...kubernetesFlags,
  ...formerFlags,
  "subnet-file": flag(
    "string",
    "/run/flannel/subnet.env",
    "filename where env variables (subnet, MTU, ... ) will be written to",
  ),
  "subnet-lease-renew-margin": flag(
    "int",
    60,
    "subnet lease renewal margin, in minutes, ranging from 1 to 1439",
  ),
  "ip-masq": flag(
    "bool",
    false,
    "setup IP masquerade rule for traffic destined outside of overlay network",
  ),
  "iptables-resync": flag("int", 5, "resync period for iptables rules, in seconds"),
  "iptables-forward-rules": flag(
    "bool",
    true,
    "add default accept rules to FORWARD chain in iptables",
  ),
  "healthz-ip": flag("string", "0.0.0.0", "the IP address for healthz server to listen"),
  "healthz-port": flag("int", 0, "the port for healthz server to listen(0 to disable)"),
} satisfies FlagSet;

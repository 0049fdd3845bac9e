/**
 * The flags of kubelet, with the names of Kubernetes 1.2 to 1.5.
 *
 * In Kubernetes: cmd/kubelet/app/options/options.go (1.5)
 */
import { connectionFlags } from "../client/daemon-flags.ts";
import { type FlagSet, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";

const NO_CLOUD = { noEffect: "there is no cloud provider" };
const NO_CADVISOR = { noEffect: "figures are served at /stats/summary" };
const NO_PLUGINS = { noEffect: "the network is the container runtime's" };
const RESERVED = { noEffect: "all of the node is given to pods" };

export const kubeletFlags = {
  ...loggingFlags,
  ...connectionFlags,
  address: flag("ip", "127.0.0.1", "The IP address for the Kubelet to serve on"),
  port: flag("int", 10250, "The port for the Kubelet to serve on."),
  "read-only-port": flag(
    "int",
    10255,
    "The read-only port for the Kubelet to serve on with no authentication/authorization (set to 0 to disable)",
  ),
  "healthz-bind-address": flag(
    "ip",
    "127.0.0.1",
    "The IP address for the healthz server to serve on",
  ),
  "healthz-port": flag("int", 10248, "The port of the localhost healthz endpoint; 0 for none"),
  "tls-cert-file": flag("string", "", "File containing x509 Certificate for HTTPS."),
  "tls-private-key-file": flag("string", "", "File containing x509 private key."),
  "cert-dir": flag(
    "string",
    "/var/run/kubernetes",
    "The directory where the TLS certs are located. If it is given and --tls-cert-file is not, the Kubelet signs its own and keeps it there; if neither is, it serves plain HTTP, as kube-apiserver --kubelet-https=false expects it.",
  ),
  "bootstrap-kubeconfig": flag(
    "string",
    "",
    "Path to a kubeconfig file that will be used to get client certificate for kubelet. If the file specified by --kubeconfig does not exist, the bootstrap kubeconfig is used to request a client certificate from the API server. On success, a kubeconfig file referencing the generated client certificate and key is written to the path specified by --kubeconfig. The client certificate and key file will be stored in the directory pointed by --cert-dir.",
  ),
  "rotate-certificates": flag(
    "bool",
    false,
    "Auto rotate the kubelet client certificates by requesting new certificates from the kube-apiserver when the certificate expiration approaches.",
  ),
  "client-ca-file": flag(
    "string",
    "",
    "If set, any request has to present a client certificate signed by one of the authorities in this file.",
  ),
  "api-servers": flag(
    "strings",
    [],
    "List of Kubernetes API servers for publishing events, and reading pods and services. (ip:port), comma separated.",
  ),
  "require-kubeconfig": flag(
    "bool",
    false,
    "If true the Kubelet will exit if there are configuration errors",
  ),
  "hostname-override": flag(
    "string",
    "",
    "If non-empty, will use this string as identification instead of the actual hostname.",
  ),
  "node-ip": flag(
    "string",
    "",
    "IP address of the node. If set, kubelet will use this IP address for the node",
  ),
  "node-labels": flag(
    "mapStringString",
    {},
    "Labels to add when registering the node in the cluster.",
  ),
  "register-node": flag("bool", true, "Register the node with the apiserver"),
  "register-schedulable": flag("bool", true, "Register the node as schedulable."),
  "node-status-update-frequency": flag(
    "duration",
    10_000,
    "Specifies how often kubelet posts node status to master.",
  ),
  "allow-privileged": flag("bool", false, "If true, allow containers to request privileged mode.", {
    noEffect: "the API server's own --allow-privileged decides",
    alreadySo: true,
  }),
  "pod-infra-container-image": flag(
    "string",
    "gcr.io/google_containers/pause-amd64:3.0",
    "The image whose network/ipc namespaces containers in each pod will use.",
  ),
  config: flag("string", "", "Path to the config file or directory of files", {
    deprecated: "Use --pod-manifest-path instead. Will be removed in a future version.",
  }),
  "pod-manifest-path": flag(
    "string",
    "",
    "Path to to the directory containing pod manifest files to run, or the path to a single pod manifest file.",
  ),
  "manifest-url": flag("string", "", "URL for accessing the container manifest"),
  "manifest-url-header": flag(
    "string",
    "",
    "HTTP header to use when accessing the manifest URL, with the key separated from the value with a ':', as in 'key:value'",
  ),
  "file-check-frequency": flag(
    "duration",
    20_000,
    "Duration between checking config files for new data",
  ),
  "http-check-frequency": flag("duration", 20_000, "Duration between checking http for new data"),
  "root-dir": flag(
    "string",
    "/var/lib/kubelet",
    "Directory path for managing kubelet files (volume mounts,etc).",
  ),
  "max-pods": flag("int", 110, "Number of Pods that can run on this Kubelet."),
  "pods-per-core": flag(
    "int",
    0,
    "Number of Pods per core that can run on this Kubelet; 0 for no limit",
  ),
  "cluster-dns": flag(
    "string",
    "",
    "IP address for a cluster DNS server. Pods with dnsPolicy ClusterFirst use it.",
  ),
  "cluster-domain": flag(
    "string",
    "",
    "Domain for this cluster. Searched besides the host's search domains",
  ),
  "resolv-conf": flag(
    "string",
    "/etc/resolv.conf",
    "Resolver configuration file used as the basis for the container DNS resolution configuration.",
  ),
  "docker-endpoint": flag(
    "string",
    "unix:///var/run/docker.sock",
    "The docker endpoint to communicate with",
  ),
  "container-runtime": flag("string", "docker", "The container runtime to use: 'docker'."),
  "pod-cidr": flag(
    "string",
    "",
    "The CIDR to use for pod IP addresses, only used in standalone mode.",
    NO_PLUGINS,
  ),
  "sync-frequency": flag(
    "duration",
    60_000,
    "Max period between synchronizing running containers and config",
    {
      noEffect: "pods are looked at whenever something changes, and every minute",
      alreadySo: 60_000,
    },
  ),
  "serialize-image-pulls": flag("bool", true, "Pull images one at a time.", {
    noEffect: "images are pulled one at a time",
    alreadySo: true,
  }),
  "enable-server": flag("bool", true, "Enable the Kubelet's server"),
  "enable-debugging-handlers": flag(
    "bool",
    true,
    "Enables server endpoints for log collection and local running of containers and commands",
  ),
  "cpu-cfs-quota": flag(
    "bool",
    true,
    "Enable CPU CFS quota enforcement for containers that specify CPU limits",
    {
      noEffect: "limits are always enforced",
      alreadySo: true,
    },
  ),
  "cadvisor-port": flag("int", 4194, "The port of the localhost cAdvisor endpoint", NO_CADVISOR),
  "cgroup-driver": flag(
    "string",
    "cgroupfs",
    "Driver that the kubelet uses to manipulate cgroups on the host.",
    {
      noEffect: "cgroups are the container runtime's",
    },
  ),
  "cgroup-root": flag("string", "", "Optional root cgroup to use for pods.", {
    noEffect: "cgroups are the container runtime's",
  }),
  "kubelet-cgroups": flag(
    "string",
    "",
    "Optional absolute name of cgroups to create and run the Kubelet in.",
    {
      noEffect: "the service manager places it",
    },
  ),
  "runtime-cgroups": flag(
    "string",
    "",
    "Optional absolute name of cgroups to create and run the runtime in.",
    {
      noEffect: "the service manager places it",
    },
  ),
  "network-plugin": flag("string", "", "The name of the network plugin to be invoked", NO_PLUGINS),
  "network-plugin-dir": flag(
    "string",
    "",
    "The full path of the directory in which to search for network plugins",
    NO_PLUGINS,
  ),
  "hairpin-mode": flag(
    "string",
    "promiscuous-bridge",
    "How should the kubelet setup hairpin NAT.",
    NO_PLUGINS,
  ),
  "configure-cbr0": flag(
    "bool",
    false,
    "If true, kubelet will configure cbr0 based on Node.Spec.PodCIDR.",
    NO_PLUGINS,
  ),
  "non-masquerade-cidr": flag(
    "string",
    "10.0.0.0/8",
    "Traffic to IPs outside this range will use IP masquerade.",
    NO_PLUGINS,
  ),
  "kube-reserved": flag(
    "mapStringString",
    {},
    "Resources reserved for kubernetes system components.",
    RESERVED,
  ),
  "system-reserved": flag(
    "mapStringString",
    {},
    "Resources reserved for non-kubernetes components.",
    RESERVED,
  ),
  "cloud-provider": flag("string", "", "The provider for cloud services.", NO_CLOUD),
  "cloud-config": flag(
    "string",
    "",
    "The path to the cloud provider configuration file.",
    NO_CLOUD,
  ),
  "event-qps": flag("int", 5, "If > 0, limit event creations per second to this value.", {
    noEffect: "events about one object are limited instead",
  }),
  "event-burst": flag("int", 10, "Maximum size of a bursty event records.", {
    noEffect: "events about one object are limited instead",
  }),
  "image-gc-high-threshold": flag(
    "int",
    90,
    "The percent of disk usage after which image garbage collection is always run.",
  ),
  "image-gc-low-threshold": flag(
    "int",
    80,
    "The percent of disk usage before which image garbage collection is never run.",
  ),
  "eviction-hard": flag(
    "string",
    "memory.available<100Mi,nodefs.available<10%",
    "A set of eviction thresholds (e.g. memory.available<1Gi) that if met would trigger a pod eviction.",
  ),
  "oom-score-adj": flag("int", -999, "The oom-score-adj value for kubelet process.", {
    noEffect: "the service manager sets it",
  }),
  "streaming-connection-idle-timeout": flag(
    "duration",
    14_400_000,
    "Maximum time a streaming connection can be idle before the connection is automatically closed.",
    { noEffect: "a connection stays until one end closes it" },
  ),
  "feature-gates": flag(
    "mapStringString",
    {},
    "A set of key=value pairs that describe feature gates.",
    {
      noEffect: "there are no gates, all there is is on",
    },
  ),
} satisfies FlagSet;

/**
 * The flags of kube-apiserver: the names and defaults of the original, old ones included, because
 * the course's configuration files use them. One that is not here is refused by name.
 *
 * In Kubernetes: cmd/kube-apiserver/app/options
 * Differs: --bind-address is loopback unless said otherwise.
 */
import { type Flags, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";
import { aggregationFlags } from "./aggregation/flags.ts";
import { authenticationFlags } from "./authentication/flags.ts";
import { securityFlags } from "./security-flags.ts";

const NO_CACHE_SIZE = "the watch cache grows and shrinks by itself";

export const apiServerFlags = {
  ...loggingFlags,
  "insecure-bind-address": flag(
    "ip",
    "127.0.0.1",
    "The `address` of the plain port, which asks nobody who they are.",
  ),
  "insecure-port": flag("int", 8080, "The plain port; 0 closes it."),
  address: flag("ip", "127.0.0.1", "The address of the plain port.", {
    deprecated: "see --insecure-bind-address instead.",
  }),
  port: flag("int", 8080, "The plain port.", { deprecated: "see --insecure-port instead." }),
  "bind-address": flag("ip", "127.0.0.1", "The `address` of the TLS port."),
  "secure-port": flag("int", 6443, "The TLS port; 0 closes it."),
  "advertise-address": flag("ip", "", "The `address` others reach this server at."),
  "cert-dir": flag("string", "/var/run/kubernetes", "Where a self-signed certificate is kept."),
  "tls-cert-file": flag("string", "", "The server's certificate (PEM). Default: self-signed."),
  "tls-private-key-file": flag("string", "", "The key of --tls-cert-file (PEM)."),
  "client-ca-file": flag("string", "", "Whose client certificates are taken (PEM)."),
  ...authenticationFlags,
  ...securityFlags,
  ...aggregationFlags,
  "admission-control": flag("strings", ["AlwaysAdmit"], "The admission plug-ins, in order.", {
    deprecated: "Use --enable-admission-plugins or --disable-admission-plugins instead.",
  }),
  "enable-admission-plugins": flag("strings", [], "Admission plug-ins besides the usual ones."),
  "disable-admission-plugins": flag("strings", [], "Admission plug-ins to leave out."),
  "admission-control-config-file": flag(
    "string",
    "",
    "What single admission plug-ins are told (AdmissionConfiguration): PodSecurity.",
  ),
  "etcd-servers": flag("strings", [], "The `URLs` of etcd."),
  "etcd-cafile": flag("string", "", "Who signed etcd's certificates (PEM)."),
  "etcd-certfile": flag("string", "", "Our certificate for etcd (PEM)."),
  "etcd-keyfile": flag("string", "", "The key of --etcd-certfile (PEM)."),
  "etcd-prefix": flag("string", "/registry", "Below which key everything is kept: /registry."),
  "service-cluster-ip-range": flag("string", "", "The `CIDR` services get addresses of."),
  "portal-net": flag("string", "", "The CIDR services get addresses of.", {
    deprecated: "see --service-cluster-ip-range instead.",
  }),
  "service-node-port-range": flag("string", "30000-32767", "The ports of services on nodes."),
  "event-ttl": flag("duration", 3_600_000, "How long events are kept."),
  "allow-privileged": flag("bool", false, "Whether pods may have privileged containers."),
  "kubelet-https": flag("bool", false, "Whether kubelets speak TLS."),
  "kubelet-port": flag("int", 10_250, "The port of kubelets that report none.", {
    deprecated: "kubelet-port is deprecated and will be removed.",
  }),
  "kubelet-client-certificate": flag("string", "", "Our certificate for kubelets (PEM)."),
  "kubelet-client-key": flag("string", "", "The key of --kubelet-client-certificate (PEM)."),
  "kubelet-certificate-authority": flag("string", "", "Who signed kubelets' certificates (PEM)."),
  "kubelet-preferred-address-types": flag(
    "strings",
    ["InternalIP", "Hostname", "ExternalIP"],
    "Which of a node's addresses is called first.",
  ),
  "storage-backend": flag("string", "etcd3", "Only etcd3."),
  "storage-media-type": flag("string", "application/json", "Only application/json."),
  "watch-cache": flag("bool", true, "Serve reads from memory.", {
    noEffect: "the watch cache is always there",
    alreadySo: true,
  }),
  "watch-cache-sizes": flag("strings", [], "Sizes of the watch cache.", {
    noEffect: NO_CACHE_SIZE,
  }),
  "deserialization-cache-size": flag("int", 0, "Size of a cache.", { noEffect: NO_CACHE_SIZE }),
  "target-ram-mb": flag("int", 0, "Memory to size caches by.", { noEffect: NO_CACHE_SIZE }),
  "apiserver-count": flag("int", 1, "How many API servers there are.", {
    noEffect: "each server keeps its own address among the endpoints of the kubernetes service",
  }),
  "enable-garbage-collector": flag("bool", true, "Whether dependents are collected.", {
    noEffect: "the garbage collector is a controller; see kube-controller-manager",
  }),
  profiling: flag("bool", true, "Profiling at /debug/pprof.", {
    noEffect: "use node --inspect to profile",
  }),
};

export type ApiServerFlags = Flags<typeof apiServerFlags>;

/**
 * The flags of kube-dns, with the names of the original.
 *
 * In Kubernetes: cmd/kube-dns/app/options/options.go of github.com/kubernetes/dns. Differs: serves
 * on loopback unless told otherwise; --stub-domains and --pods, which there are in a ConfigMap and
 * in CoreDNS.
 */
import { type FlagSet, flag } from "../component/flags.ts";
import { loggingFlags } from "../component/logging-flags.ts";

export const dnsFlags = {
  ...loggingFlags,
  domain: flag("string", "cluster.local.", "domain under which to create names"),
  "kubecfg-file": flag(
    "string",
    "",
    "Location of kubecfg file for access to kubernetes master service; --kube-master-url " +
      "overrides the URL part of this",
  ),
  "kube-master-url": flag(
    "string",
    "",
    "URL to reach kubernetes master. Env variables in this flag will be expanded.",
  ),
  "dns-bind-address": flag("ip", "127.0.0.1", "address on which to serve DNS requests."),
  "dns-port": flag("int", 53, "port on which to serve DNS requests."),
  "healthz-address": flag("ip", "127.0.0.1", "address on which to serve /healthz and /metrics."),
  "healthz-port": flag("int", 8081, "port on which to serve /healthz and /metrics; 0 for none."),
  nameservers: flag(
    "strings",
    [],
    "List of ip:port, separated by commas, to use as upstream name servers; those of " +
      "/etc/resolv.conf where there are none.",
  ),
  "stub-domains": flag(
    "strings",
    [],
    "List of domain=ip:port, separated by commas: the name servers of single domains.",
  ),
  pods: flag(
    "string",
    "insecure",
    "Which names there are under pod: insecure (of any address) or verified (of the pods there are).",
  ),
  "config-map": flag(
    "string",
    "",
    "config-map name. If empty, then the config-map will not used. It contains " +
      "upstreamNameservers and stubDomains, and may be changed at any time.",
  ),
  "config-map-namespace": flag("string", "kube-system", "namespace for the config-map"),
  "initial-sync-timeout": flag("duration", 60_000, "Timeout for initial resource sync."),
  federations: flag("strings", [], "Refused: there are no federations any more."),
} satisfies FlagSet;

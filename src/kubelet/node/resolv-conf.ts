/** What a resolv.conf says: a pure function. In Kubernetes: parseResolvConf in pkg/kubelet/network/dns. */
import type { DnsConfig } from "../runtime/runtime.ts";

export function parseResolvConf(text: string): DnsConfig {
  const dns: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split("\n")) {
    const [key, ...values] = line.trim().split(/\s+/);
    if (key === "nameserver" && values[0]) dns.servers.push(values[0]);
    // The last one counts.
    if (key === "search") dns.searches = values;
    if (key === "options") dns.options = values;
  }
  return dns;
}

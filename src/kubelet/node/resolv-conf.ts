/**
 * What a resolv.conf says.
 *
 * Rule: name servers add up; the last search line counts; options add up too, and of two with one name
 * the later counts. Searches lose the dot at their end, so that one domain counts once, and "." itself,
 * which would search nothing, is left out.
 *
 * In Kubernetes: parseResolvConf in pkg/kubelet/network/dns/dns.go. Differs: the options keep their
 * order; in Kubernetes a map shuffles them.
 */
import { readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import type { DnsConfig } from "../runtime/runtime.ts";

/** What the file says now; undefined where none is to be read (--resolv-conf=""). */
export function readResolvConf(path: string): DnsConfig | undefined {
  return path === "" ? undefined : parseResolvConf(textOf(path));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { errno = 0, message } = error as NodeJS.ErrnoException;
    const [, why = message] = getSystemErrorMap().get(errno) ?? [];
    throw new Error(`open ${path}: ${why}`, { cause: error });
  }
}

/** Throws for a nameserver line without an address. */
export function parseResolvConf(text: string): DnsConfig {
  const dns: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split("\n")) {
    const [key, ...values] = line.trim().split(/\s+/);
    if (key === "nameserver") {
      // The space is Kubernetes' own.
      if (!values[0]) throw new Error("nameserver list is empty ");
      dns.servers.push(values[0]);
    }
    if (key === "search") dns.searches = searchesOf(values);
    if (key === "options") dns.options = mergeOptions(dns.options, values);
  }
  return dns;
}

function searchesOf(values: string[]): string[] {
  return values.filter((search) => search !== ".").map((search) => search.replace(/\.$/, ""));
}

/** Of "ndots:1" and "ndots:5" the later counts, at the place of the earlier. */
export function mergeOptions(options: string[], more: string[]): string[] {
  const named = [...options, ...more].map((option) => [option.split(":")[0]!, option] as const);
  return [...new Map(named).values()];
}

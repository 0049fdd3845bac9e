/**
 * What the flags of kube-dns ask for.
 *
 * In Kubernetes: cmd/kube-dns/app/options of github.com/kubernetes/dns
 */
import { readFileSync } from "node:fs";
import { StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import type { DnsOptions } from "./dns.ts";
import { isDomainName, normalName } from "./domain-name.ts";
import type { dnsFlags } from "./flags.ts";
import {
  type ForwardConfig,
  parseNameservers,
  parseStubDomains,
  resolvConfNameservers,
} from "./forward-config.ts";

type DnsFlags = Flags<typeof dnsFlags>;

const RESOLV_CONF = "/etc/resolv.conf";

/** Throws a StartError that says which flag is wrong. */
export function optionsOf(flags: DnsFlags): DnsOptions {
  const domain = normalName(flags.domain);
  if (!isDomainName(domain)) {
    throw new StartError(`invalid argument ${JSON.stringify(flags.domain)} for "--domain"`);
  }
  if (flags.federations.length > 0) {
    throw new StartError("--federations is refused: there are no federations any more");
  }
  const { pods } = flags;
  if (pods !== "insecure" && pods !== "verified") {
    throw new StartError(`--pods must be insecure or verified, not ${JSON.stringify(pods)}`);
  }
  const port = flags["dns-port"];
  return { domain, address: flags["dns-bind-address"], port, pods, forward: forwardOf(flags) };
}

function forwardOf(flags: DnsFlags): ForwardConfig {
  try {
    const { nameservers } = flags;
    const isGiven = nameservers.length > 0;
    return {
      upstreamNameservers: isGiven ? parseNameservers(nameservers) : hostNameservers(),
      stubDomains: parseStubDomains(flags["stub-domains"]),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StartError(`--nameservers, --stub-domains: ${error.message}`);
  }
}

/** A host without a resolv.conf has no name servers. */
function hostNameservers() {
  try {
    return resolvConfNameservers(readFileSync(RESOLV_CONF, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Answers one question: from the cluster's own names, or by asking another server.
 *
 *   a name in a stub domain   that domain's servers, the most exact domain first
 *   a name in the cluster     the zone: its records, NODATA (the name exists, the type does not) or
 *                             NXDOMAIN (there is no such name, nor any below it)
 *   an address (…in-addr.arpa) the zone, where it has a name for it
 *   anything else             the upstream servers; REFUSED where there are none
 *
 * A CNAME is followed to its end, inside the cluster and out of it.
 *
 * In Kubernetes: coredns/plugin/kubernetes/handler.go, coredns/plugin/backend_lookup.go
 */
import { decode, type SrvData, type Answer as WireAnswer } from "dns-packet";
import type { Clock } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import { type Answer, emptyAnswer, RCODES, type Rcode } from "./answer.ts";
import { isWithin, normalName } from "./domain-name.ts";
import { CLASS_IN, isTransfer, type Query } from "./query.ts";
import { type DnsRecord, TYPE_NUMBERS, typeName } from "./record.ts";
import { podRecordByName, TTL_SECONDS } from "./records.ts";
import type { Zone } from "./zone.ts";

/** Asks other servers; resolves to the whole message of one of them. */
export interface Forward {
  /** The servers' zone is the name's most exact stub domain, "" for the upstream servers. */
  zoneOf(name: string): string | undefined;
  ask(query: Query): Promise<Buffer>;
}

export interface ResolverOptions {
  domain: string;
  zone: Zone;
  forward: Forward;
  /** Whether any address under `pod` has a name, or only that of a pod there is. */
  isEveryPodNamed: boolean;
  clock: Clock;
  random: Random;
}

/** An answer of ours, or the bytes of somebody else's. */
export type Resolution = Answer | Buffer;

const NONE: readonly never[] = [];
const CHAIN_MAX = 8;
const REVERSE_ZONES = ["in-addr.arpa", "ip6.arpa"];
const EDNS_VERSION = 0;

export class Resolver {
  readonly #options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Answers at once what can be answered at once. Rejects when nobody can be reached. */
  resolve(query: Query): Resolution | Promise<Resolution> {
    const refusal = refusalOf(query);
    if (refusal !== undefined) return emptyAnswer(refusal);
    const zone = this.#ownZoneOf(query.name);
    if (zone !== undefined) return this.#resolveHere(query, zone);
    return this.#forwards(query.name) ? this.#options.forward.ask(query) : this.#outside(query);
  }

  /** The zone of ours that a name is in, where no stub domain is more exact. */
  #ownZoneOf(name: string): string | undefined {
    const { domain, forward, zone } = this.#options;
    if (isWithin(name, domain)) {
      return (forward.zoneOf(name) ?? "").length > domain.length ? undefined : domain;
    }
    return zone.has(name) ? REVERSE_ZONES.find((reverse) => isWithin(name, reverse)) : undefined;
  }

  #forwards(name: string): boolean {
    return this.#options.forward.zoneOf(name) !== undefined;
  }

  #outside({ name }: Query): Answer {
    const reverse = REVERSE_ZONES.find((one) => isWithin(name, one));
    return reverse === undefined ? emptyAnswer("REFUSED") : this.#missing(reverse, "NXDOMAIN");
  }

  #resolveHere(query: Query, zoneName: string): Answer | Promise<Answer> {
    const type = typeName(query.type);
    const records = this.#recordsOf(query.name, zoneName);
    if (records === undefined) return this.#missing(zoneName, "NXDOMAIN");
    const answers = records.filter((record) => type === "ANY" || record.type === type);
    if (answers.length > 0) return this.#found(answers);
    const alias = records.find((record) => record.type === "CNAME");
    return alias ? this.#follow(query, alias) : this.#missing(zoneName, "NOERROR");
  }

  #recordsOf(name: string, zoneName: string): readonly DnsRecord[] | undefined {
    const { zone, domain, isEveryPodNamed } = this.#options;
    const records = zone.find(name);
    if (records !== undefined) {
      return name === zoneName ? [...records, this.#startOfAuthority(zoneName)] : records;
    }
    if (!isEveryPodNamed) return undefined;
    const record = podRecordByName(name, domain);
    const isInNamespace = zone.has(name.slice(name.indexOf(".") + 1));
    return record !== undefined && isInNamespace ? [record] : undefined;
  }

  #found(answers: DnsRecord[]): Answer {
    return {
      rcode: "NOERROR",
      isAuthoritative: true,
      answers: turned(answers, this.#options.random) as WireAnswer[],
      authorities: NONE,
      additionals: answers[0]!.type === "SRV" ? this.#addressesOf(answers) : NONE,
    };
  }

  /** Whoever asks for a port asks for the addresses next. */
  #addressesOf(answers: DnsRecord[]): WireAnswer[] {
    const targets = answers.map(({ data }) => (data as SrvData).target);
    return [...new Set(targets)]
      .flatMap((target) => this.#options.zone.find(target) ?? [])
      .filter(({ type }) => type === "A" || type === "AAAA") as WireAnswer[];
  }

  #missing(zoneName: string, rcode: Rcode): Answer {
    const authorities = [this.#startOfAuthority(zoneName)] as WireAnswer[];
    return { rcode, isAuthoritative: true, answers: [], authorities, additionals: [] };
  }

  #startOfAuthority(zoneName: string): DnsRecord {
    const { domain, clock } = this.#options;
    const data = {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: Math.floor(clock.now().getTime() / 1_000) >>> 0,
      refresh: 7_200,
      retry: 1_800,
      expire: 86_400,
      minimum: TTL_SECONDS,
    };
    return { name: zoneName, type: "SOA", ttl: TTL_SECONDS, data };
  }

  /** The chain of aliases and, at its end, what was asked for. A chain in a circle is a failure. */
  async #follow(query: Query, first: DnsRecord): Promise<Answer> {
    const chain = [first];
    for (let alias: DnsRecord | undefined = first; alias !== undefined; ) {
      const target: string = alias.data as string;
      if (chain.length > CHAIN_MAX) return emptyAnswer("SERVFAIL");
      if (this.#ownZoneOf(target) === undefined) {
        return withChain(chain, await this.#askFor(query, target));
      }
      const records: readonly DnsRecord[] = this.#recordsOf(target, this.#options.domain) ?? [];
      const answers = records.filter((record) => record.type === typeName(query.type));
      if (answers.length > 0) return withChain(chain, this.#found(answers));
      alias = records.find((record) => record.type === "CNAME");
      if (alias !== undefined) chain.push(alias);
      else if (records.length === 0 && !this.#options.zone.has(target)) {
        return withChain(chain, this.#missing(this.#options.domain, "NXDOMAIN"));
      }
    }
    return withChain(chain, this.#missing(this.#options.domain, "NOERROR"));
  }

  async #askFor(query: Query, target: string): Promise<Answer> {
    if (!this.#forwards(target)) return emptyAnswer("NOERROR");
    const question = Buffer.concat([encodedName(target), query.question.subarray(-4)]);
    const { edns: _, ...rest } = query;
    const message = decode(
      await this.#options.forward.ask({ ...rest, question, name: normalName(target) }),
    );
    return {
      rcode: knownRcode((message as unknown as { rcode: string }).rcode),
      isAuthoritative: false,
      answers: message.answers ?? [],
      authorities: [],
      additionals: [],
    };
  }
}

function refusalOf(query: Query): Rcode | undefined {
  if (query.opcode !== 0) return "NOTIMP";
  if (query.edns !== undefined && query.edns.version > EDNS_VERSION) return "BADVERS";
  if (query.class !== CLASS_IN || isTransfer(query)) return "REFUSED";
  return query.type === TYPE_NUMBERS.OPT ? "FORMERR" : undefined;
}

function knownRcode(rcode: string): Rcode {
  return rcode in RCODES ? (rcode as Rcode) : "SERVFAIL";
}

function withChain(chain: DnsRecord[], end: Answer): Answer {
  const isAuthoritative = true;
  return { ...end, isAuthoritative, answers: [...(chain as WireAnswer[]), ...end.answers] };
}

/** Each client begins at another record, so that all get their share. */
function turned(records: DnsRecord[], random: Random): DnsRecord[] {
  if (records.length === 1) return records;
  const first = Math.floor(random.next() * records.length);
  return [...records.slice(first), ...records.slice(0, first)];
}

function encodedName(name: string): Buffer {
  const labels = name.split(".").map((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...labels.flat(), Buffer.alloc(1)]);
}

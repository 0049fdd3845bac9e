/**
 * A resource record, and the types of records this server knows by name.
 *
 * In Kubernetes: github.com/miekg/dns
 */
import type { SoaAnswer, SrvAnswer, StringAnswer, TxtAnswer } from "dns-packet";

/** What the cluster's zones are made of. Records are never changed. */
export type DnsRecord = Readonly<StringAnswer | SrvAnswer | TxtAnswer | SoaAnswer>;

export const TYPE_NUMBERS = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

const TYPE_NAMES = new Map<number, string>(
  Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name]),
);

/** "A", or "TYPE257" for a type not in the table (RFC 3597). */
export function typeName(number: number): string {
  return TYPE_NAMES.get(number) ?? `TYPE${number}`;
}

/** Tells apart the records of one name: there are no two alike. */
export function recordKey({ type, data }: DnsRecord): string {
  if (typeof data === "string") return `${type} ${data}`;
  if (type !== "SRV") return `${type} ${JSON.stringify(data)}`;
  const { priority, weight, port, target } = data;
  return `SRV ${priority} ${weight} ${port} ${target}`;
}

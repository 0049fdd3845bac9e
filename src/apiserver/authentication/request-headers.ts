/**
 * Who asks, as a front proxy says it in headers (X-Remote-User and its like): believed of whoever shows a client
 * certificate of --requestheader-client-ca-file with one of --requestheader-allowed-names, and of nobody else. The
 * headers are for us alone and go on to nobody.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/request/{headerrequest,x509}
 */
import type { ApiRequest } from "../../client/transport.ts";
import type { RequestHeaderTrust } from "../aggregation/authentication-info.ts";
import type { ClientCertificate, User } from "../authenticate.ts";
import { unescaped, valuesOf } from "./header-values.ts";

type Headers = ApiRequest["headers"];

/** Takes the headers away, and gives the user they name. */
export type HeaderReader = (
  headers: Headers,
  certificate: ClientCertificate | undefined,
) => User | undefined;

/** Whether a header is one of those, by its name in lower case. */
export function isRequestHeader(trust: RequestHeaderTrust): (name: string) => boolean {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  const names = new Set(lower([...trust.usernameHeaders, ...trust.groupHeaders]));
  const prefixes = lower(trust.extraHeaderPrefixes);
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

export function requestHeaderReader(trust: RequestHeaderTrust): HeaderReader {
  const isOurs = isRequestHeader(trust);
  return (headers, certificate) => {
    const said: Headers = {};
    for (const name of Object.keys(headers).filter(isOurs)) {
      said[name] = headers[name]!;
      delete headers[name];
    }
    return certificate && isBelieved(certificate, trust) ? userIn(said, trust) : undefined;
  };
}

function isBelieved(
  { isOfFrontProxy = false, commonName }: ClientCertificate,
  { allowedNames }: RequestHeaderTrust,
): boolean {
  return isOfFrontProxy && (allowedNames.length === 0 || allowedNames.includes(commonName));
}

function userIn(said: Headers, trust: RequestHeaderTrust): User | undefined {
  const name = trust.usernameHeaders.map((header) => valuesOf(said, header)[0]).find(Boolean);
  if (name === undefined) return undefined;
  const groups = trust.groupHeaders.flatMap((header) => valuesOf(said, header)).filter(Boolean);
  const extra: Record<string, string[]> = {};
  for (const prefix of trust.extraHeaderPrefixes) {
    const length = prefix.length;
    for (const header of Object.keys(said)) {
      if (!header.startsWith(prefix.toLowerCase())) continue;
      const key = unescaped(header.slice(length));
      extra[key] = [...(extra[key] ?? []), ...valuesOf(said, header)];
    }
  }
  return { name, groups, ...(Object.keys(extra).length > 0 && { extra }) };
}

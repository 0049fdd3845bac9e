/**
 * The flags of kube-apiserver about servers behind it and proxies before it, and what they come to.
 *
 * In Kubernetes: cmd/kube-apiserver/app/options/options.go,
 * staging/src/k8s.io/apiserver/pkg/server/options/authentication.go
 */
import { readFileSync } from "node:fs";
import { StartError } from "../../component/daemon.ts";
import { type Flags, flag } from "../../component/flags.ts";
import type { AuthenticationInfo } from "./authentication-info.ts";
import type { ProxyCredentials } from "./remote-server.ts";

export const aggregationFlags = {
  "proxy-client-cert-file": flag(
    "string",
    "",
    "Our client certificate (PEM) for API servers behind this one.",
  ),
  "proxy-client-key-file": flag("string", "", "The key of --proxy-client-cert-file (PEM)."),
  "requestheader-client-ca-file": flag(
    "string",
    "",
    "Who signs the certificates of front proxies (PEM): they are believed when they say in headers who asks.",
  ),
  "requestheader-allowed-names": flag(
    "strings",
    [],
    "Which names such a certificate may have. Default: any.",
  ),
  "requestheader-username-headers": flag(
    "strings",
    ["X-Remote-User"],
    "The headers that say who asks.",
  ),
  "requestheader-group-headers": flag(
    "strings",
    ["X-Remote-Group"],
    "The headers that say of which groups.",
  ),
  "requestheader-extra-headers-prefix": flag(
    "strings",
    ["X-Remote-Extra-"],
    "How the headers begin that say what else is known.",
  ),
  "enable-aggregator-routing": flag("bool", false, "Call endpoints, not the service's address.", {
    noEffect: "endpoints are always called",
  }),
};

type AggregationFlags = Flags<typeof aggregationFlags>;

export function aggregationOf(
  flags: AggregationFlags,
  clientCa: Buffer | undefined,
): { proxyClient?: ProxyCredentials; authenticationInfo: AuthenticationInfo } {
  const read = (name: keyof AggregationFlags & string) => fileIn(name, flags[name] as string);
  const certificate = read("proxy-client-cert-file");
  const key = read("proxy-client-key-file");
  if ((certificate === undefined) !== (key === undefined)) {
    throw new StartError("--proxy-client-cert-file and --proxy-client-key-file go together");
  }
  const ca = read("requestheader-client-ca-file");
  const requestHeader = ca && {
    ca,
    allowedNames: flags["requestheader-allowed-names"],
    usernameHeaders: flags["requestheader-username-headers"],
    groupHeaders: flags["requestheader-group-headers"],
    extraHeaderPrefixes: flags["requestheader-extra-headers-prefix"],
  };
  return {
    ...(certificate && key && { proxyClient: { certificate, key } }),
    authenticationInfo: {
      ...(clientCa && { clientCa: clientCa.toString() }),
      ...(requestHeader && { requestHeader }),
    },
  };
}

function fileIn(name: string, path: string): string | undefined {
  if (path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartError(`--${name}: ${(error as Error).message}`);
  }
}

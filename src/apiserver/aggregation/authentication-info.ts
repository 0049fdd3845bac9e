/**
 * The ConfigMap extension-apiserver-authentication in kube-system: whom a server behind this one should believe
 * when it is told who asks.
 *
 * In Kubernetes: pkg/controlplane/controller/clusterauthenticationtrust
 */
import { ConfigMap } from "../../api/config-map.ts";
import { isNotFound } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { AS_SERVER } from "../custom-resources/as-server.ts";
import type { Registry } from "../registry.ts";

export interface RequestHeaderTrust {
  /** PEM */
  ca: string;
  allowedNames: readonly string[];
  usernameHeaders: readonly string[];
  groupHeaders: readonly string[];
  extraHeaderPrefixes: readonly string[];
}

export interface AuthenticationInfo {
  clientCa?: string;
  requestHeader?: RequestHeaderTrust;
}

const NAME = "extension-apiserver-authentication";
const NAMESPACE = "kube-system";

export async function writeAuthenticationInfo(
  { clientCa, requestHeader }: AuthenticationInfo,
  registry: Registry,
): Promise<void> {
  if (clientCa === undefined && requestHeader === undefined) return;
  const data = {
    ...(clientCa && { "client-ca-file": clientCa }),
    ...(requestHeader && {
      "requestheader-allowed-names": JSON.stringify(requestHeader.allowedNames),
      "requestheader-client-ca-file": requestHeader.ca,
      "requestheader-extra-headers-prefix": JSON.stringify(requestHeader.extraHeaderPrefixes),
      "requestheader-group-headers": JSON.stringify(requestHeader.groupHeaders),
      "requestheader-username-headers": JSON.stringify(requestHeader.usernameHeaders),
    }),
  };
  const kind = ConfigMap as unknown as Kind;
  const target = { kind, namespace: NAMESPACE, name: NAME, subresource: "" };
  const withData = (current: KubeObject | undefined) => ({ ...current!, data });
  try {
    await registry.update(target, withData, AS_SERVER);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const metadata = { name: NAME, namespace: NAMESPACE };
    const made = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    await registry.create(kind, NAMESPACE, made, AS_SERVER);
  }
}

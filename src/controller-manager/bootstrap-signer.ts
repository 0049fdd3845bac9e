/**
 * The bootstrap signer: signs the ConfigMap cluster-info in kube-public, which says where the API server is and
 * which authority it has, with every bootstrap token that may sign. So who joins with a token, and knows nothing
 * else, can tell whether what anybody may read is true.
 *
 *   kubeconfig: ...
 *   jws-kubeconfig-abcdef: <header>..<signature>     (a detached JSON web signature of the line above)
 *
 * In Kubernetes: pkg/controller/bootstrap/bootstrapsigner.go, staging/src/k8s.io/cluster-bootstrap/token/jws
 */
import { createHmac } from "node:crypto";
import {
  BOOTSTRAP_TOKEN_NAMESPACE,
  bootstrapTokenIn,
  isBootstrapToken,
} from "../api/bootstrap-token.ts";
import { ConfigMap } from "../api/config-map.ts";
import { Secret } from "../api/secret.ts";
import type { Controller } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";

const CLUSTER_INFO = keyOf({ namespace: "kube-public", name: "cluster-info" });
const CONTENT = "kubeconfig";
const SIGNATURE = "jws-kubeconfig-";

export const bootstrapSignerController: Controller<ConfigMap> = {
  name: "bootstrap-signer-controller",
  watches: ConfigMap,
  follows: [{ kind: Secret, keysOf: (secret) => (isBootstrapToken(secret) ? [CLUSTER_INFO] : []) }],
  workers: 1,

  async sync(map, key, { client, cached, clock }) {
    const content = map?.data?.[CONTENT];
    if (map === undefined || key !== CLUSTER_INFO || content === undefined) return;
    const tokens = cached(Secret)
      .list(BOOTSTRAP_TOKEN_NAMESPACE)
      .map((secret) => bootstrapTokenIn(secret, "signing", clock.now()))
      .filter((token) => token !== undefined);
    const others = Object.entries(map.data ?? {}).filter(([name]) => !name.startsWith(SIGNATURE));
    const signatures = tokens.map(({ id, secret }) => [
      SIGNATURE + id,
      signatureOf(content, id, secret),
    ]);
    const data = Object.fromEntries([...others, ...signatures]) as Record<string, string>;
    if (!isSame(data, map.data ?? {})) await client.update(ConfigMap, { ...map, data });
  },
};

/** A JSON web signature (HS256) without the content it is of. */
export function signatureOf(content: string, tokenId: string, tokenSecret: string): string {
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  const header = encode(JSON.stringify({ alg: "HS256", kid: tokenId }));
  const mac = createHmac("sha256", tokenSecret).update(`${header}.${encode(content)}`);
  return `${header}..${mac.digest("base64url")}`;
}

function isSame(some: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(some);
  const isAsMany = names.length === Object.keys(other).length;
  return isAsMany && names.every((name) => some[name] === other[name]);
}

/**
 * The root CA publisher: every namespace has a ConfigMap kube-root-ca.crt, by which pods know the API server.
 *
 * In Kubernetes: pkg/controller/certificates/rootcacertpublisher/publisher.go
 */
import { ConfigMap } from "../api/config-map.ts";
import { hasReason, isAlreadyExists } from "../api/errors.ts";
import { Namespace } from "../api/namespace.ts";
import type { Controller } from "../client/control-loop.ts";

const NAME = "kube-root-ca.crt";
const DESCRIPTION = "kubernetes.io/description";
const DESCRIBED =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/** `rootCa`: the certificate, or several, as PEM. */
export function rootCaPublisher(rootCa: string): Controller<Namespace> {
  const data = { "ca.crt": rootCa };
  return {
    name: "root-ca-certificate-publisher-controller",
    watches: Namespace,
    follows: [
      {
        kind: ConfigMap,
        keysOf: ({ metadata }) => (metadata.name === NAME ? [metadata.namespace ?? ""] : []),
      },
    ],
    workers: 1,

    async sync(namespace, name, { client, cached }) {
      if (namespace === undefined || namespace.status?.phase === "Terminating") return;
      const found = cached(ConfigMap).get(name, NAME);
      if (found === undefined) {
        const metadata = { name: NAME, annotations: { [DESCRIPTION]: DESCRIBED } };
        return client.create(ConfigMap, name, { metadata, data }).then(nothing, unlessFutile);
      }
      const isSame = found.data?.["ca.crt"] === rootCa && Object.keys(found.data).length === 1;
      if (isSame && found.metadata.annotations?.[DESCRIPTION] === DESCRIBED) return;
      const annotations = { ...found.metadata.annotations, [DESCRIPTION]: DESCRIBED };
      await client.update(ConfigMap, {
        ...found,
        metadata: { ...found.metadata, annotations },
        data,
      });
    },
  };
}

const nothing = () => undefined;

/** Another was quicker, or the namespace began to go a moment ago. */
function unlessFutile(error: unknown): void {
  if (!isAlreadyExists(error) && !hasReason(error, "Forbidden")) throw error;
}

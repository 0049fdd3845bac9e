/**
 * The service account controller: every namespace has a ServiceAccount "default", so that every pod
 * has a name to speak under.
 *
 * In Kubernetes: pkg/controller/serviceaccount/serviceaccounts_controller.go.
 */
import { hasReason, isAlreadyExists } from "../api/errors.ts";
import { Namespace } from "../api/namespace.ts";
import { ServiceAccount } from "../api/service-account.ts";
import type { Controller } from "../client/control-loop.ts";

const DEFAULT = "default";

export const serviceAccountController: Controller<Namespace> = {
  name: "serviceaccount-controller",
  watches: Namespace,
  follows: [
    {
      kind: ServiceAccount,
      keysOf: ({ metadata }) => (metadata.name === DEFAULT ? [metadata.namespace ?? ""] : []),
    },
  ],
  workers: 1,

  async sync(namespace, name, { client, cached }) {
    if (namespace === undefined || namespace.status?.phase === "Terminating") return;
    if (cached(ServiceAccount).get(name, DEFAULT) !== undefined) return;
    try {
      await client.create(ServiceAccount, name, { metadata: { name: DEFAULT } });
    } catch (error) {
      // Forbidden: the namespace began to go a moment ago.
      if (!isAlreadyExists(error) && !hasReason(error, "Forbidden")) throw error;
    }
  },
};

/**
 * The token cleaner: bootstrap tokens go when they have ended.
 *
 * In Kubernetes: pkg/controller/bootstrap/tokencleaner.go
 */
import { bootstrapLifeMs, isBootstrapToken } from "../api/bootstrap-token.ts";
import { isNotFound } from "../api/errors.ts";
import { Secret } from "../api/secret.ts";
import type { Controller } from "../client/control-loop.ts";

export const tokenCleanerController: Controller<Secret> = {
  name: "token-cleaner-controller",
  watches: Secret,
  workers: 1,

  async sync(secret, _, { client, clock, log }) {
    if (secret === undefined || !isBootstrapToken(secret)) return;
    const leftMs = bootstrapLifeMs(secret, clock.now());
    if (leftMs === undefined) return;
    if (leftMs > 0) return { againInMs: leftMs };
    const { namespace = "", name, uid = "" } = secret.metadata;
    log.info("Deleting expired secret", { secret: `${namespace}/${name}` }, 3);
    try {
      await client.delete(Secret, namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
};

/**
 * The tokens by which pods speak to the API server: asked for when a volume needs one, kept, and asked for anew
 * when four fifths of their life, or a day, are over. One that cannot be renewed is used until it ends.
 *
 * In Kubernetes: pkg/kubelet/token/token_manager.go
 */
import type { ServiceAccountTokenProjection } from "kubernetes-types/core/v1.js";
import type { TokenRequest } from "../../api/authentication/token-request.ts";
import { isNotFound } from "../../api/errors.ts";
import type { Pod } from "../../api/pod.ts";
import { ServiceAccount } from "../../api/service-account.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Random } from "../../component/random.ts";

export interface PodTokensOptions {
  client: Client;
  clock: Clock;
  random: Random;
  log: Log;
}

interface KeptToken {
  token: string;
  endMs: number;
  /** From when on it is to be renewed. */
  renewMs: number;
}

const DEFAULT_SECONDS = 3_600;
const DAY_MS = 24 * 3_600_000;
const LAST_PART = 0.2;
/** All kubelets were started at once, and must not ask at once. */
const JITTER_MS = 10_000;

export class PodTokens {
  readonly #options: PodTokensOptions;
  readonly #kept = new Map<string, KeptToken>();

  constructor(options: PodTokensOptions) {
    this.#options = options;
  }

  /** A token of the pod's account that ends with the pod. */
  async tokenFor(pod: Pod, source: ServiceAccountTokenProjection): Promise<string> {
    const { audience = "", expirationSeconds = DEFAULT_SECONDS } = source;
    const key = JSON.stringify([pod.metadata.uid, audience, expirationSeconds]);
    const kept = this.#kept.get(key);
    const nowMs = this.#options.clock.now().getTime();
    if (kept !== undefined && nowMs < kept.renewMs) return kept.token;
    try {
      const fresh = await this.#request(pod, audience, expirationSeconds);
      this.#kept.set(key, fresh);
      return fresh.token;
    } catch (error) {
      if (kept === undefined || nowMs >= kept.endMs) {
        throw new Error(`failed to fetch token: ${(error as Error).message}`);
      }
      this.#options.log.error("Couldn't update token", error, { pod: pod.metadata.name });
      return kept.token;
    }
  }

  /** The pod has gone. */
  forget(uid: string): void {
    for (const key of this.#kept.keys()) {
      if (key.startsWith(`[${JSON.stringify(uid)},`)) this.#kept.delete(key);
    }
  }

  async #request(pod: Pod, audience: string, expirationSeconds: number): Promise<KeptToken> {
    const { client, random } = this.#options;
    const { namespace = "", name, uid = "" } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? "default";
    const audiences = audience === "" ? [] : [audience];
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name, uid };
    const answer = (await client
      .createSubresource(ServiceAccount, namespace, account, "token", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { audiences, expirationSeconds, boundObjectRef },
      })
      .catch(whereThereAreNone)) as TokenRequest;
    const { spec, status } = answer;
    const lifeMs = (spec.expirationSeconds ?? expirationSeconds) * 1000;
    const endMs = Date.parse(status!.expirationTimestamp);
    const dueMs = Math.min(endMs - lifeMs * LAST_PART, endMs - lifeMs + DAY_MS);
    return { token: status!.token, endMs, renewMs: dueMs - random.next() * JITTER_MS };
  }
}

/** A server that makes no tokens does not know the path; one that misses the account names it. */
function whereThereAreNone(error: unknown): never {
  const isUnknownPath = isNotFound(error) && !(error as Error).message.includes('"');
  if (!isUnknownPath) throw error;
  throw new Error("API server does not have TokenRequest endpoints enabled");
}

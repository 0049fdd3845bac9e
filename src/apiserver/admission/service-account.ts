/**
 * ServiceAccount: a pod that names no account runs as "default", and none runs as one that is not there.
 *
 * A server that makes tokens mounts a projected volume in the pod: a token the kubelet asks for, the cluster's
 * certificate authority, the namespace. One that has no key to make them with mounts what there was up to 1.23:
 * a secret of type kubernetes.io/service-account-token that the account lists and that is its own; where there
 * is none, the pod goes without.
 *
 * In Kubernetes: plugin/pkg/admission/serviceaccount/admission.go
 */
import { Pod } from "../../api/pod.ts";
import { Secret } from "../../api/secret.ts";
import { ServiceAccount } from "../../api/service-account.ts";
import { isTokenSecretOf } from "../../api/service-account-user.ts";
import { type Clock, sleep } from "../../component/clock.ts";
import type { Random } from "../../component/random.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { mirrorPodFault, secretFault } from "./mountable-secrets.ts";
import { earlyRefusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";
import { mountProjectedToken, mountSecret } from "./token-volume.ts";

export interface ServiceAccountOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  random: Random;
  /** Whether TokenRequests are answered. */
  issuesTokens: boolean;
}

const DEFAULT = "default";
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
/** "default" is made by a controller, and may be on its way. */
const DEFAULT_ATTEMPTS = 10;
const RETRY_MS = 100;

export function serviceAccount(options: ServiceAccountOptions): AdmissionPlugin {
  const { clock, random, issuesTokens } = options;

  async function find(namespace: string, name: string): Promise<ServiceAccount | undefined> {
    const retryMs = RETRY_MS * (1 + random.next());
    for (let attempts = name === DEFAULT ? DEFAULT_ATTEMPTS : 1; ; ) {
      const found = await findObject(ServiceAccount, namespace, name, options);
      if (found !== undefined || --attempts === 0) return found as ServiceAccount | undefined;
      await sleep(clock, retryMs);
    }
  }

  /** The first of the account's secrets that is a token of its own. */
  async function tokenOf({ metadata, secrets = [] }: ServiceAccount): Promise<string | undefined> {
    for (const { name = "" } of secrets) {
      const secret = await findObject(Secret, metadata.namespace!, name, options);
      if (secret !== undefined && isTokenSecretOf(secret as Secret, metadata)) return name;
    }
    return undefined;
  }

  return {
    name: "ServiceAccount",
    async admit(request) {
      const { verb, kind, subresource, object, namespace } = request;
      if (verb !== "create" || kind !== Pod || subresource !== "") return;
      const pod = object as Pod;
      if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
        const fault = mirrorPodFault(pod.spec);
        if (fault !== undefined) throw earlyRefusal(request, fault);
        return;
      }
      const name = pod.spec.serviceAccountName || DEFAULT;
      pod.spec.serviceAccountName = name;
      pod.spec.serviceAccount = name;
      const account = await find(namespace, name);
      if (account === undefined) {
        throw earlyRefusal(
          request,
          `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
        );
      }
      const automounts =
        pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
      if (automounts && issuesTokens) mountProjectedToken(pod, random);
      else if (automounts) mountSecret(pod, await tokenOf(account), random);
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((one) => ({ ...one }));
      }
      const fault = secretFault(pod.spec, account);
      if (fault !== undefined) throw earlyRefusal(request, fault);
    },
  };
}

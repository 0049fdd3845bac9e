/**
 * ServiceAccount: a pod that names no account runs as "default", and none runs as one that is not there.
 *
 * What was decided about tokens: one is mounted where the account lists a secret of type
 * kubernetes.io/service-account-token that is its own, as up to 1.23. No controller makes such secrets, so an
 * account without one is as in a cluster whose controller manager has no
 * --service-account-private-key-file; but the pod is let in and goes without, as it has been since 1.24.
 *
 * In Kubernetes: plugin/pkg/admission/serviceaccount/admission.go. Differs: no projected tokens.
 */
import type { Container } from "kubernetes-types/core/v1.js";
import { Pod } from "../../api/pod.ts";
import { Secret } from "../../api/secret.ts";
import { ServiceAccount } from "../../api/service-account.ts";
import { type Clock, sleep } from "../../component/clock.ts";
import { type Random, randomSuffix } from "../../component/random.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { mirrorPodFault, secretFault } from "./mountable-secrets.ts";
import { earlyRefusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";

export interface ServiceAccountOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  random: Random;
}

const DEFAULT = "default";
const TOKEN_TYPE = "kubernetes.io/service-account-token";
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
/** "default" is made by a controller, and may be on its way. */
const DEFAULT_ATTEMPTS = 10;
const RETRY_MS = 100;

export function serviceAccount(options: ServiceAccountOptions): AdmissionPlugin {
  const { clock, random } = options;

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
      if (secret !== undefined && isTokenOf(secret as Secret, metadata)) return name;
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
      const token = automounts ? await tokenOf(account) : undefined;
      if (token !== undefined) mount(pod, token, random);
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((one) => ({ ...one }));
      }
      const fault = secretFault(pod.spec, account);
      if (fault !== undefined) throw earlyRefusal(request, fault);
    },
  };
}

function isTokenOf(secret: Secret, account: { name: string; uid?: string }): boolean {
  const annotations = secret.metadata.annotations ?? {};
  const uid = annotations["kubernetes.io/service-account.uid"];
  const isNamed = annotations["kubernetes.io/service-account.name"] === account.name;
  return secret.type === TOKEN_TYPE && isNamed && (uid === undefined || uid === account.uid);
}

/** In every container that has nothing there yet. */
function mount({ spec }: Pod, secretName: string, random: Random): void {
  const volumes = spec.volumes ?? [];
  const there = volumes.find(({ secret }) => secret?.secretName === secretName);
  const isTaken = volumes.some(({ name }) => name === secretName);
  const free = isTaken ? `${secretName}-${randomSuffix(random)}` : secretName;
  const name = there?.name ?? free;
  const hasNone = ({ volumeMounts = [] }: Container) =>
    !volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH);
  const needing = [...(spec.initContainers ?? []), ...spec.containers].filter(hasNone);
  for (const container of needing) {
    const added = { name, readOnly: true, mountPath: MOUNT_PATH };
    container.volumeMounts = [...(container.volumeMounts ?? []), added];
  }
  if (there !== undefined || needing.length === 0) return;
  const secret = { secretName, defaultMode: 0o644 };
  spec.volumes = [...volumes, { name, secret }];
}

/**
 * The volume with a pod's credentials, mounted where in-cluster clients look for them. Pure but for its name.
 *
 * In Kubernetes: mountServiceAccountToken and TokenVolumeSource in plugin/pkg/admission/serviceaccount/admission.go
 */
import type { Container, Volume } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { type Random, randomSuffix } from "../../component/random.ts";

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const NAME_PREFIX = "kube-api-access-";
const READABLE_BY_ALL = 0o644;
/** The odd seconds tell these tokens from others that are asked for. */
const TOKEN_SECONDS = 3_607;

/** A token the kubelet asks for and renews, whom to trust, and where the pod is. */
export function mountProjectedToken(pod: Pod, random: Random): void {
  const there = pod.spec.volumes?.find(({ name }) => name.startsWith(NAME_PREFIX));
  const name = there?.name ?? NAME_PREFIX + randomSuffix(random);
  mount(pod, name, there === undefined ? { name, projected: projectedToken() } : undefined);
}

/** A secret that holds a token; without one, nothing. */
export function mountSecret(pod: Pod, secretName: string | undefined, random: Random): void {
  if (secretName === undefined) return;
  const { volumes = [] } = pod.spec;
  const there = volumes.find(({ secret }) => secret?.secretName === secretName);
  const isTaken = volumes.some(({ name }) => name === secretName);
  const free = isTaken ? `${secretName}-${randomSuffix(random)}` : secretName;
  const name = there?.name ?? free;
  const secret = { secretName, defaultMode: READABLE_BY_ALL };
  mount(pod, name, there === undefined ? { name, secret } : undefined);
}

/** In every container that has nothing there yet. */
function mount({ spec }: Pod, name: string, volume: Volume | undefined): void {
  const hasNone = ({ volumeMounts = [] }: Container) =>
    !volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH);
  const needing = [...(spec.initContainers ?? []), ...spec.containers].filter(hasNone);
  for (const container of needing) {
    const added = { name, readOnly: true, mountPath: MOUNT_PATH };
    container.volumeMounts = [...(container.volumeMounts ?? []), added];
  }
  if (volume === undefined || needing.length === 0) return;
  spec.volumes = [...(spec.volumes ?? []), volume];
}

function projectedToken(): NonNullable<Volume["projected"]> {
  const namespace = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  return {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: namespace }] } },
    ],
    defaultMode: READABLE_BY_ALL,
  };
}

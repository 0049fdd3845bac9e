/**
 * Which secrets a pod may use: a static pod's image none, and a pod whose account says so
 * (kubernetes.io/enforce-mountable-secrets) only those the account lists. Pure.
 *
 * In Kubernetes: limitSecretReferences in plugin/pkg/admission/serviceaccount/admission.go
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import type { ServiceAccount } from "../../api/service-account.ts";

const ENFORCE_ANNOTATION = "kubernetes.io/enforce-mountable-secrets";
/** What Go's ParseBool takes for yes. */
const YES = ["1", "t", "T", "TRUE", "true", "True"];

export function mirrorPodFault(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return "a mirror pod may not reference service accounts";
  if (referencesSecrets(spec)) return "a mirror pod may not reference secrets";
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (!sources.some(({ serviceAccountToken }) => serviceAccountToken !== undefined)) {
    return undefined;
  }
  return "a mirror pod may not use ServiceAccountToken volume projections";
}

/** Why the account keeps the pod from one of its secrets; undefined where it does not. */
export function secretFault(spec: PodSpec, account: ServiceAccount): string | undefined {
  const { annotations = {}, name } = account.metadata;
  if (!YES.includes(annotations[ENFORCE_ANNOTATION] ?? "")) return undefined;
  const mountable = new Set((account.secrets ?? []).map((secret) => secret.name));
  const unlisted = `is not allowed because service account ${name} does not reference that`;
  for (const { secret } of spec.volumes ?? []) {
    if (secret !== undefined && !mountable.has(secret.secretName)) {
      return `volume with secret.secretName="${secret.secretName}" ${unlisted} secret`;
    }
  }
  for (const [what, container] of containersOf(spec)) {
    for (const { variable, secretName } of secretsOf(container)) {
      if (mountable.has(secretName)) continue;
      const where = variable === undefined ? "envFrom" : `envVar ${variable}`;
      return `${what} ${container.name} with ${where} referencing secret.secretName="${secretName}" ${unlisted} secret`;
    }
  }
  const pullable = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name));
  for (const [i, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if (pullable.has(secret.name)) continue;
    return `imagePullSecrets[${i}].name="${secret.name}" ${unlisted} imagePullSecret`;
  }
  return undefined;
}

function containersOf(spec: PodSpec): [what: string, container: Container][] {
  return [
    ...(spec.initContainers ?? []).map((one): [string, Container] => ["init container", one]),
    ...spec.containers.map((one): [string, Container] => ["container", one]),
  ];
}

function secretsOf({ env = [], envFrom = [] }: Container) {
  const single = env.flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef ? [{ variable: name, secretName: valueFrom.secretKeyRef.name }] : [],
  );
  const whole = envFrom.flatMap(({ secretRef }) =>
    secretRef ? [{ variable: undefined, secretName: secretRef.name }] : [],
  );
  return [...single, ...whole];
}

function referencesSecrets(spec: PodSpec): boolean {
  const { volumes = [], imagePullSecrets = [] } = spec;
  return (
    imagePullSecrets.length > 0 ||
    volumes.some(({ secret, projected }) =>
      [secret, ...(projected?.sources ?? []).map((source) => source.secret)].some(Boolean),
    ) ||
    containersOf(spec).some(([, container]) => secretsOf(container).length > 0)
  );
}

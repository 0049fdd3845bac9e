/**
 * The admission plug-ins, by the names the flags know them by, in the order in which they run.
 *
 * In Kubernetes: pkg/kubeapiserver/options/plugins.go
 */
import type { AdmissionPlugin } from "./admission.ts";
import { alwaysDeny } from "./always-deny.ts";
import {
  type CertificateDecisionOptions,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
} from "./certificate-decisions.ts";
import { defaultIngressClassPlugin, defaultStorageClassPlugin } from "./default-class.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { limitRanger } from "./limit-ranger.ts";
import {
  type NamespaceAutoProvisionOptions,
  namespaceAutoProvision,
} from "./namespace-auto-provision.ts";
import { namespaceExists } from "./namespace-exists.ts";
import { type NamespaceLifecycleOptions, namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeRestriction } from "./node-restriction.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import { podNodeSelector } from "./pod-node-selector.ts";
import { type PodSecurityOptions, podSecurity } from "./pod-security.ts";
import { validatingPolicies } from "./policy-validating.ts";
import { priority } from "./priority.ts";
import { resourceQuota } from "./resource-quota.ts";
import { runtimeClass } from "./runtime-class.ts";
import { securityContextDeny } from "./security-context-deny.ts";
import { type ServiceAccountOptions, serviceAccount } from "./service-account.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";
import type { WebhookSurroundings } from "./webhook-call.ts";
import { mutatingWebhooks } from "./webhook-mutating.ts";
import { validatingWebhooks } from "./webhook-validating.ts";

/** What any of them needs. */
export type AdmissionSurroundings = NamespaceLifecycleOptions &
  NamespaceAutoProvisionOptions &
  ServiceAccountOptions &
  CertificateDecisionOptions &
  PodSecurityOptions &
  WebhookSurroundings;

const PLUGINS: Record<string, (surroundings: AdmissionSurroundings) => AdmissionPlugin> = {
  AlwaysAdmit: () => ({ name: "AlwaysAdmit", admit: () => undefined }),
  NamespaceAutoProvision: namespaceAutoProvision,
  NamespaceExists: namespaceExists,
  NamespaceLifecycle: namespaceLifecycle,
  LimitRanger: limitRanger,
  NodeRestriction: nodeRestriction,
  SecurityContextDeny: () => securityContextDeny,
  ServiceAccount: serviceAccount,
  PodSecurity: podSecurity,
  Priority: priority,
  PodNodeSelector: podNodeSelector,
  DefaultTolerationSeconds: () => defaultTolerationSeconds,
  DefaultStorageClass: defaultStorageClassPlugin,
  StorageObjectInUseProtection: () => storageObjectInUseProtection,
  PersistentVolumeClaimResize: persistentVolumeClaimResize,
  RuntimeClass: runtimeClass,
  CertificateApproval: certificateApproval,
  CertificateSigning: certificateSigning,
  CertificateSubjectRestriction: () => certificateSubjectRestriction,
  DefaultIngressClass: defaultIngressClassPlugin,
  MutatingAdmissionWebhook: mutatingWebhooks,
  ValidatingAdmissionPolicy: validatingPolicies,
  ValidatingAdmissionWebhook: validatingWebhooks,
  ResourceQuota: resourceQuota,
  AlwaysDeny: () => alwaysDeny,
};

/** What runs where nobody says otherwise. */
export const DEFAULT_PLUGINS: readonly string[] = [
  "NamespaceLifecycle",
  "LimitRanger",
  "PodSecurity",
  "Priority",
  "DefaultTolerationSeconds",
  "DefaultStorageClass",
  "StorageObjectInUseProtection",
  "PersistentVolumeClaimResize",
  "RuntimeClass",
  "CertificateApproval",
  "CertificateSigning",
  "CertificateSubjectRestriction",
  "DefaultIngressClass",
  "MutatingAdmissionWebhook",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionWebhook",
  "ResourceQuota",
];

/** The same where the server makes tokens: then every pod gets one, as in every cluster today. */
export const DEFAULT_PLUGINS_WITH_TOKENS: readonly string[] = DEFAULT_PLUGINS.flatMap((name) =>
  name === "LimitRanger" ? [name, "ServiceAccount"] : [name],
);

/** The same in the order in which they run, whatever the order they were named in. */
export function inOrder(names: readonly string[]): string[] {
  return Object.keys(PLUGINS).filter((name) => names.includes(name));
}

/** Those that do not exist here. */
export function unknownPlugins(names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(PLUGINS, name));
}

export function createPlugins(
  names: readonly string[],
  surroundings: AdmissionSurroundings,
): AdmissionPlugin[] {
  return names.map((name) => PLUGINS[name]!(surroundings));
}

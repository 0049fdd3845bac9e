/**
 * A ServiceAccount: the name under which the processes of a pod speak to the API server.
 *
 * In Kubernetes: pkg/registry/core/serviceaccount/strategy.go
 */
import type { LocalObjectReference, ObjectReference } from "kubernetes-types/core/v1.js";
import { ageColumn, nameColumn } from "./columns.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface ServiceAccount extends KubeObject {
  secrets?: ObjectReference[];
  imagePullSecrets?: LocalObjectReference[];
  automountServiceAccountToken?: boolean;
}

export const ServiceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  namespaced: true,
  storagePrefix: "serviceaccounts",
  schema: "io.k8s.api.core.v1.ServiceAccount",
  needsResourceVersion: true,
  isReturnedWhenDeleted: true,
  subresources: [
    {
      name: "token",
      kind: "TokenRequest",
      group: "authentication.k8s.io",
      version: "v1",
      verbs: ["create"],
    },
  ],
  columns: [
    nameColumn,
    {
      name: "Secrets",
      type: "string",
      description:
        'Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use. Pods are only limited to this list if this service account has a "kubernetes.io/enforce-mountable-secrets" annotation set to "true". This field should not be used to find auto-generated service account token secrets for use outside of pods. Instead, tokens can be requested directly using the TokenRequest API, or service account token secrets can be manually created. More info: https://kubernetes.io/docs/concepts/configuration/secret',
      value: (account) => account.secrets?.length ?? 0,
    },
    ageColumn,
  ],
  example: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "example" } },
});

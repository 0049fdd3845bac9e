/**
 * A Secret: like a ConfigMap, but its values are base64 and its `type` promises certain keys.
 * Its rule: `stringData` is only a way to write; it is folded into `data` and never kept.
 *
 * In Kubernetes: pkg/registry/core/secret/strategy.go
 */
import { ageColumn, nameColumn } from "./columns.ts";
import { validateSecret, validateSecretUpdate } from "./data-validation.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  immutable?: boolean;
}

export const Secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
  storagePrefix: "secrets",
  schema: "io.k8s.api.core.v1.Secret",
  columns: [
    nameColumn,
    {
      name: "Type",
      type: "string",
      description:
        "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
      value: (secret) => secret.type ?? "",
    },
    {
      name: "Data",
      type: "string",
      description:
        "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
      value: (secret) => Object.keys(secret.data ?? {}).length,
    },
    ageColumn,
  ],
  selectableFields: (secret) => ({ type: secret.type ?? "" }),
  setDefaults(secret) {
    secret.type ||= "Opaque";
    foldStringData(secret);
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  isChangeJudgedFirst: true,
  example: {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "example" },
    type: "Opaque",
    data: { password: "aHVudGVyMg==" },
  },
});

function foldStringData(secret: Secret): void {
  const { stringData } = secret;
  if (stringData === undefined) return;
  secret.data ??= {};
  for (const [key, text] of Object.entries(stringData)) {
    secret.data[key] = Buffer.from(text, "utf8").toString("base64");
  }
  delete secret.stringData;
}

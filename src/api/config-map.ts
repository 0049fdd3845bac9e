/**
 * A ConfigMap: named pieces of configuration, as text (`data`) or base64 (`binaryData`).
 *
 * In Kubernetes: pkg/registry/core/configmap/strategy.go
 */
import { ageColumn, nameColumn } from "./columns.ts";
import { validateConfigMap, validateConfigMapUpdate } from "./data-validation.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

export const ConfigMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  namespaced: true,
  storagePrefix: "configmaps",
  schema: "io.k8s.api.core.v1.ConfigMap",
  columns: [
    nameColumn,
    {
      name: "Data",
      type: "string",
      description:
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      value: ({ data = {}, binaryData = {} }) =>
        Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  isChangeJudgedFirst: true,
  example: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "example" },
    data: { colour: "green" },
  },
});

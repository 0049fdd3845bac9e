/**
 * A RuntimeClass: a way to run containers that pods may ask for by name, what it costs beside the
 * containers, and on which nodes it is found. The handler "" and "docker" is what every node has.
 *
 * In Kubernetes: pkg/registry/node/runtimeclass/strategy.go, pkg/apis/node/validation/validation.go
 */
import type { Toleration } from "kubernetes-types/core/v1.js";
import type { RuntimeClass as TypedClass } from "kubernetes-types/node/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { duplicate, type FieldError, GoStruct, invalidValue } from "../field-error.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { validateLabels } from "../metadata-validation.ts";
import { dns1123LabelErrors } from "../names.ts";
import { renamedLabelWarnings } from "../renamed-labels.ts";
import { canonicalResources } from "../resources.ts";
import { validateOverhead } from "../resources-validation.ts";
import { validateTolerations } from "../scheduling-validation.ts";

type Fields = Omit<TypedClass, "apiVersion" | "kind" | "metadata">;

export interface RuntimeClass extends KubeObject, Fields {}

export const RuntimeClass = defineKind<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  namespaced: false,
  storagePrefix: "runtimeclasses",
  schema: "io.k8s.api.node.v1.RuntimeClass",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  isCreatedByUpdate: true,
  columns: [
    nameColumn,
    {
      name: "Handler",
      type: "string",
      description:
        'handler specifies the underlying runtime and configuration that the CRI implementation will use to handle pods of this class. The possible values are specific to the node & CRI configuration.  It is assumed that all handlers are available on every node, and handlers of the same name are equivalent on every node. For example, a handler called "runc" might specify that the runc OCI runtime (using native Linux containers) will be used to run the containers in a pod. The Handler must be lowercase, conform to the DNS Label (RFC 1123) requirements, and is immutable.',
      value: ({ handler }) => handler,
    },
    ageColumn,
  ],
  setDefaults({ overhead }) {
    if (overhead?.podFixed) overhead.podFixed = canonicalResources(overhead.podFixed);
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) =>
      renamedLabelWarnings(key, "scheduling.nodeSelector:"),
    ),
  validate: ({ handler = "", overhead, scheduling }) => [
    ...dns1123LabelErrors(handler).map((error) => invalidValue("handler", handler, error)),
    ...validateOverhead(overhead?.podFixed ?? {}, "overhead"),
    ...(scheduling ? schedulingErrors(scheduling) : []),
  ],
  validateUpdate: ({ handler }, old) =>
    handler === old.handler ? [] : [invalidValue("handler", handler, "field is immutable")],
  example: {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "example" },
    handler: "docker",
  },
});

function schedulingErrors(scheduling: NonNullable<RuntimeClass["scheduling"]>): FieldError[] {
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  const path = "scheduling.tolerations";
  const repeated = tolerations.flatMap((one, index) => {
    const isTwice = tolerations.slice(0, index).some((other) => isSame(one, other));
    if (!isTwice) return [];
    const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = one;
    const toleration = new GoStruct("core.Toleration", {
      Key: key,
      Operator: operator,
      Value: value,
      Effect: effect,
      TolerationSeconds: tolerationSeconds ?? new GoStruct("(*int64)(nil)", {}, ""),
    });
    return [duplicate(`${path}[${index}]`, toleration)];
  });
  return [
    ...validateLabels(nodeSelector, "scheduling.nodeSelector"),
    // Kubernetes says the last word of the path twice.
    ...validateTolerations(tolerations, `${path}.tolerations`),
    ...repeated,
  ];
}

/** How long it tolerates makes no other of it. */
function isSame(one: Toleration, other: Toleration): boolean {
  const words = ["key", "operator", "value", "effect"] as const;
  return words.every((word) => (one[word] ?? "") === (other[word] ?? ""));
}

/**
 * A Node: a machine that runs pods. Its kubelet writes its status; nobody but people and the
 * node controllers write its spec.
 *
 * In Kubernetes: pkg/registry/core/node/strategy.go
 */
import type { NodeSpec, NodeStatus } from "kubernetes-types/core/v1.js";
import { defineKind, type KubeObject, type Verb } from "./kind.ts";
import { nodeColumns } from "./node-columns.ts";
import { validateNode, validateNodeStatus, validateNodeUpdate } from "./node-validation.ts";

export interface Node extends KubeObject {
  spec: NodeSpec;
  status?: NodeStatus;
}

const PROXY_VERBS: Verb[] = ["create", "delete", "get", "patch", "update"];

export const Node = defineKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  namespaced: false,
  storagePrefix: "minions",
  schema: "io.k8s.api.core.v1.Node",
  hasStatus: true,
  subresources: [{ name: "proxy", kind: "NodeProxyOptions", verbs: PROXY_VERBS }],
  columns: nodeColumns,
  selectableFields: (node) => ({
    "spec.unschedulable": String(node.spec.unschedulable ?? false),
  }),
  setDefaults(node) {
    node.spec ??= {};
    const { capacity, allocatable } = node.status ?? {};
    if (node.status && capacity && allocatable === undefined) node.status.allocatable = capacity;
  },
  // A kubelet registers its node with the status it has, so create keeps it.
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatus,
  warnings: ({ spec }) => [
    ...(spec.configSource ? ["spec.configSource: the feature is removed"] : []),
    ...(spec.externalID
      ? ["spec.externalID: this field is deprecated, and is unused by Kubernetes"]
      : []),
  ],
  example: { apiVersion: "v1", kind: "Node", metadata: { name: "example" }, spec: {} },
});

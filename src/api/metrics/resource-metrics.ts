/**
 * NodeMetrics and PodMetrics: what a node, and each container of a pod, uses right now. They are kept
 * nowhere and can't be watched: each reading is made when it is asked for.
 *
 * In Kubernetes: staging/src/k8s.io/metrics/pkg/apis/metrics/v1beta1, served by metrics-server.
 */
import { type Column, type CustomForm, defineKind, type Kind, type KubeObject } from "../kind.ts";
import { addQuantities, formatQuantity, quantityOf, zero } from "../quantity.ts";

export const METRICS_GROUP = "metrics.k8s.io";
export const METRICS_VERSION = "v1beta1";

/** By resource: {cpu: "250m", memory: "64Mi"}. */
export type Usage = Record<string, string>;

interface Reading extends KubeObject {
  timestamp: string;
  /** How long the time was that the usage is an average of: "15s". */
  window: string;
}

export interface NodeMetrics extends Reading {
  usage: Usage;
}

export interface PodMetrics extends Reading {
  containers: { name: string; usage: Usage }[];
}

const USAGE = { type: "object", additionalProperties: { type: "string" } };
const CONTAINER = { type: "object", properties: { name: { type: "string" }, usage: USAGE } };

const shared = {
  group: METRICS_GROUP,
  version: METRICS_VERSION,
  schema: "",
  verbs: ["get", "list"] as ("get" | "list")[],
};
const metadata = { name: "example" };
const reading = { timestamp: "2014-06-06T00:00:00Z", window: "15s" };

export const NodeMetrics = defineKind<NodeMetrics>({
  ...shared,
  kind: "NodeMetrics",
  plural: "nodes",
  singular: "",
  namespaced: false,
  storagePrefix: "metrics.k8s.io/nodes",
  custom: formOf({ usage: USAGE }),
  columns: columnsOf(({ usage }: NodeMetrics) => [usage]),
  example: {
    apiVersion: "metrics.k8s.io/v1beta1",
    kind: "NodeMetrics",
    metadata,
    ...reading,
    usage: {},
  },
});

export const PodMetrics = defineKind<PodMetrics>({
  ...shared,
  kind: "PodMetrics",
  plural: "pods",
  singular: "",
  namespaced: true,
  storagePrefix: "metrics.k8s.io/pods",
  custom: formOf({ containers: { type: "array", items: CONTAINER } }),
  columns: columnsOf(({ containers }: PodMetrics) => containers.map(({ usage }) => usage)),
  example: {
    apiVersion: "metrics.k8s.io/v1beta1",
    kind: "PodMetrics",
    metadata,
    ...reading,
    containers: [],
  },
});

export const metricsKinds: readonly Kind[] = [NodeMetrics, PodMetrics];

/** What is used of each resource, by all parts together. */
function columnsOf<T extends Reading>(partsOf: (obj: T) => Usage[]): Column<T>[] {
  const used = (resource: string): Column<T> => ({
    ...{ name: resource, type: "string", format: "quantity", description: "" },
    value: (obj) => {
      const parts = partsOf(obj).map((usage) => quantityOf(usage[resource]));
      return formatQuantity(parts.reduce(addQuantities, zero));
    },
  });
  return [
    {
      ...{ name: "Name", type: "string", format: "name", description: "Name of the resource" },
      value: ({ metadata }) => metadata.name,
    },
    used("cpu"),
    used("memory"),
    {
      ...{ name: "Window", type: "string", format: "duration", description: "" },
      value: ({ window }) => window,
    },
  ];
}

/** Its schema is told here, for the types of Kubernetes that are known by name are those of its own groups. */
function formOf(fields: object): CustomForm {
  const properties = { timestamp: { type: "string" }, window: { type: "string" }, ...fields };
  return {
    schema: () => ({ type: "object", properties: structuredClone(properties) }),
    fields: () => ({ type: "any" }),
    prune: () => [],
    fromStored: (objects) => objects,
    toStored: (obj) => obj,
    isSameGeneration: () => true,
  };
}

/**
 * An Ingress: which requests from outside, told by host and path, go to which service. It does nothing
 * by itself; a controller of its class carries it out.
 *
 * In Kubernetes: pkg/registry/networking/ingress/strategy.go
 */
import type { IngressRule, IngressSpec, IngressStatus } from "kubernetes-types/networking/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import {
  CLASS_ANNOTATION,
  validateIngress,
  validateIngressStatus,
  validateNewIngress,
} from "./ingress-validation.ts";

export interface Ingress extends KubeObject {
  spec: IngressSpec;
  status?: IngressStatus;
}

const MOST_HOSTS = 3;

const columns: Column<Ingress>[] = [
  nameColumn,
  {
    name: "Class",
    type: "string",
    description:
      "The name of the IngressClass resource that should be used for additional configuration",
    value: ({ spec }) => spec.ingressClassName ?? "<none>",
  },
  {
    name: "Hosts",
    type: "string",
    description: "Hosts that incoming requests are matched against before the ingress rule",
    value: ({ spec }) => hostsOf(spec.rules ?? []),
  },
  {
    name: "Address",
    type: "string",
    description: "Address is a list containing ingress points for the load-balancer",
    value: ({ status }) => {
      const points = status?.loadBalancer?.ingress ?? [];
      const addresses = points.map(({ ip, hostname }) => ip || hostname || "");
      return [...new Set(addresses.filter(Boolean))].toSorted().join(",");
    },
  },
  {
    name: "Ports",
    type: "string",
    description: "Ports of TLS configurations that open",
    value: ({ spec }) => (spec.tls?.length ? "80, 443" : "80"),
  },
  ageColumn,
];

export const Ingress = defineKind<Ingress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  namespaced: true,
  storagePrefix: "ingress",
  schema: "io.k8s.api.networking.v1.Ingress",
  hasStatus: true,
  hasGeneration: true,
  columns,
  setDefaults(ingress) {
    ingress.spec ??= {};
  },
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  validate: (ingress) => [
    ...validateIngress(ingress),
    ...(ingress.metadata.resourceVersion ? [] : validateNewIngress(ingress)),
  ],
  validateStatusUpdate: validateIngressStatus,
  warnings({ metadata, spec }, old) {
    const isSet = metadata.annotations?.[CLASS_ANNOTATION] !== undefined;
    if (!isSet || old !== undefined || spec.ingressClassName !== undefined) return [];
    return [
      `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`,
    ];
  },
  example: {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "example" },
    spec: {
      rules: [
        {
          host: "example.com",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "web", port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  },
});

/** Three of them, and how many rules there are besides; a rule without a host is for all. */
function hostsOf(rules: IngressRule[]): string {
  const hosts: string[] = [];
  for (const { host } of rules) {
    if (hosts.length === MOST_HOSTS) {
      return `${hosts.join(",")} + ${rules.length - MOST_HOSTS} more...`;
    }
    if (host) hosts.push(host);
  }
  return hosts.join(",") || "*";
}

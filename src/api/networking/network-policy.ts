/**
 * A NetworkPolicy: which pods may talk with which others. This cluster's network carries every packet
 * there is a route for, as flannel does; a policy is kept, and has no effect, as its writer is told.
 *
 * In Kubernetes: pkg/registry/networking/networkpolicy/strategy.go, pkg/apis/networking/v1/defaults.go
 */
import type { NetworkPolicySpec } from "kubernetes-types/networking/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { formatSelector, selectorOf } from "../labels.ts";
import { validateNetworkPolicy } from "./network-policy-validation.ts";

export interface NetworkPolicy extends KubeObject {
  spec: NetworkPolicySpec;
}

export const NetworkPolicy = defineKind<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  namespaced: true,
  storagePrefix: "networkpolicies",
  schema: "io.k8s.api.networking.v1.NetworkPolicy",
  hasGeneration: true,
  columns: [
    nameColumn,
    {
      name: "Pod-Selector",
      type: "string",
      description:
        "podSelector selects the pods to which this NetworkPolicy object applies. The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.",
      value: ({ spec }) => formatSelector(selectorOf(spec.podSelector ?? {})) || "<none>",
    },
    ageColumn,
  ],
  setDefaults(policy) {
    policy.spec ??= {} as NetworkPolicySpec;
    const { spec } = policy;
    spec.podSelector ??= {};
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports) port.protocol ??= "TCP";
    }
    if (spec.policyTypes?.length) return;
    spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate: ({ spec }) => validateNetworkPolicy(spec),
  warnings: (_policy, old) =>
    old === undefined
      ? ["NetworkPolicies are kept but not enforced: this cluster's network carries every packet"]
      : [],
  example: {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "example" },
    spec: {
      podSelector: { matchLabels: { app: "example" } },
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }],
    },
  },
});

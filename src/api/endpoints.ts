/**
 * Endpoints: the addresses and ports behind the service of the same name.
 *
 * In Kubernetes: pkg/registry/core/endpoint/strategy.go
 */
import type { EndpointSubset } from "kubernetes-types/core/v1.js";
import { ageColumn, nameColumn } from "./columns.ts";
import { validateEndpoints } from "./endpoints-validation.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[];
}

const MOST_PRINTED = 3;

export const Endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  shortNames: ["ep"],
  namespaced: true,
  storagePrefix: "services/endpoints",
  schema: "io.k8s.api.core.v1.Endpoints",
  isCreatedByUpdate: true,
  columns: [
    nameColumn,
    {
      name: "Endpoints",
      type: "string",
      description:
        "The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share. A single address with multiple ports, some of which are ready and some of which are not (because they come from different containers) will result in the address being displayed in different subsets for the different ports. No address will appear in both Addresses and NotReadyAddresses in the same subset. Sets of addresses and ports that comprise a service.",
      value: formatEndpoints,
    },
    ageColumn,
  ],
  setDefaults(endpoints) {
    for (const { ports = [] } of endpoints.subsets ?? []) {
      for (const port of ports) port.protocol ||= "TCP";
    }
  },
  validate: validateEndpoints,
  example: {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "example" },
    subsets: [{ addresses: [{ ip: "172.16.25.2" }], ports: [{ port: 80, protocol: "TCP" }] }],
  },
});

/** The first three as "10.0.0.1:80", and how many more there are. */
function formatEndpoints({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  );
  if (subsets.length === 0) return "<none>";
  const more = all.length - MOST_PRINTED;
  return all.slice(0, MOST_PRINTED).join(",") + (more > 0 ? ` + ${more} more...` : "");
}

function hostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/**
 * An EndpointSlice: some of the addresses behind a service, all with the same ports. A service has as
 * many as it needs, so that one pod that comes or goes is a small piece of news and not all of them.
 *
 * Which service it belongs to says the label kubernetes.io/service-name, who keeps it the label
 * endpointslice.kubernetes.io/managed-by.
 *
 * In Kubernetes: pkg/registry/discovery/endpointslice/strategy.go, pkg/apis/discovery/v1/defaults.go.
 * Differs: v1beta1, whose endpoints look different, is not served (nor is it by 1.30).
 */
import { isDeepStrictEqual } from "node:util";
import type { Endpoint, EndpointPort } from "kubernetes-types/discovery/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./endpoint-slice-validation.ts";

export interface EndpointSlice extends KubeObject {
  addressType: string;
  endpoints: Endpoint[];
  ports?: EndpointPort[];
}

/** The service a slice belongs to. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
/** Who keeps it. */
export const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

const MOST_PRINTED = 3;

const columns: Column<EndpointSlice>[] = [
  nameColumn,
  {
    name: "AddressType",
    type: "string",
    description:
      "addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation. The following address types are currently supported: * IPv4: Represents an IPv4 Address. * IPv6: Represents an IPv6 Address. * FQDN: Represents a Fully Qualified Domain Name.",
    value: ({ addressType }) => addressType,
  },
  {
    name: "Ports",
    type: "string",
    description:
      'ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name. When ports is empty, it indicates that there are no defined ports. When a port is defined with a nil port value, it indicates "all ports". Each slice may include a maximum of 100 ports.',
    value: ({ ports }) =>
      firstOf((ports ?? []).map(({ port, name }) => String(port ?? name ?? "*"))),
  },
  {
    name: "Endpoints",
    type: "string",
    description:
      "endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.",
    value: ({ endpoints }) => firstOf((endpoints ?? []).flatMap(({ addresses }) => addresses)),
  },
  ageColumn,
];

export const EndpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  namespaced: true,
  storagePrefix: "endpointslices",
  schema: "io.k8s.api.discovery.v1.EndpointSlice",
  hasGeneration: true,
  columns,
  setDefaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  prepareForCreate({ endpoints }) {
    for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  prepareForUpdate(slice, old) {
    if (isDeepStrictEqual(contentOf(slice), contentOf(old))) return;
    slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (isDeepStrictEqual(slice.endpoints, old.endpoints)) return;
    for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  example: {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "example", labels: { [SERVICE_NAME_LABEL]: "example" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["172.16.25.2"], conditions: { ready: true } }],
    ports: [{ name: "http", port: 80, protocol: "TCP" }],
  },
});

/** What counts as a new generation: everything but metadata, and the labels. */
function contentOf({ addressType, endpoints, ports, metadata }: EndpointSlice) {
  return { addressType, endpoints, ports: ports ?? [], labels: metadata.labels ?? {} };
}

/** "80,443", and how many more there are. */
function firstOf(all: string[]): string {
  const more = all.length - MOST_PRINTED;
  const shown = all.slice(0, MOST_PRINTED).join(",");
  return more > 0 ? `${shown} + ${more} more...` : shown || "<unset>";
}

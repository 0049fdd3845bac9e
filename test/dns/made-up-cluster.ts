/** Services, endpoints, namespaces and pods as the API server hands them out, for tests of names. */
import type { EndpointAddress, EndpointPort, ServiceSpec } from "kubernetes-types/core/v1.js";
import type { Endpoint, EndpointPort as SlicePort } from "kubernetes-types/discovery/v1.js";
import { type EndpointSlice, SERVICE_NAME_LABEL } from "../../src/api/discovery/endpoint-slice.ts";
import type { Endpoints } from "../../src/api/endpoints.ts";
import type { Namespace } from "../../src/api/namespace.ts";
import type { Pod } from "../../src/api/pod.ts";
import type { Service } from "../../src/api/service.ts";

export const DOMAIN = "cluster.local";

/** "default/web" */
function metadataOf(key: string) {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name, uid: key, resourceVersion: "1" };
}

export function aService(key: string, spec: ServiceSpec): Service {
  return { apiVersion: "v1", kind: "Service", metadata: metadataOf(key), spec };
}

/** With one cluster IP and a port 80 named http. */
export function aWebService(key: string, clusterIP: string, more: ServiceSpec = {}): Service {
  const ports = [{ name: "http", port: 80, protocol: "TCP" }];
  return aService(key, { clusterIP, clusterIPs: [clusterIP], ports, ...more });
}

export interface Behind {
  ready?: EndpointAddress[];
  notReady?: EndpointAddress[];
  ports?: EndpointPort[];
}

export function someEndpoints(key: string, ...subsets: Behind[]): Endpoints {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: metadataOf(key),
    subsets: subsets.map(({ ready, notReady, ports }) => ({
      ...(ready && { addresses: ready }),
      ...(notReady && { notReadyAddresses: notReady }),
      ...(ports && { ports }),
    })),
  };
}

/** A slice named `name` of the service `key`. */
export function aSlice(
  key: string,
  name: string,
  endpoints: Endpoint[],
  ports: SlicePort[],
): EndpointSlice {
  const service = metadataOf(key);
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...service, name, labels: { [SERVICE_NAME_LABEL]: service.name } },
    ...{ addressType: "IPv4", endpoints, ports },
  };
}

export function aNamespace(name: string): Namespace {
  const metadata = { name, uid: name, resourceVersion: "1" };
  return { apiVersion: "v1", kind: "Namespace", metadata, spec: {} };
}

export function aPodAt(key: string, ip: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadataOf(key),
    spec: { containers: [{ name: "web", image: "web" }] },
    status: { phase: "Running", podIP: ip, podIPs: [{ ip }] },
  };
}

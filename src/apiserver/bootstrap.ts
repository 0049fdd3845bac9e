/**
 * What a cluster has from its first moment: the system's namespaces and priority classes, and the service by
 * which pods find the API server.
 *
 * In Kubernetes: pkg/controlplane/controller/{systemnamespaces,kubernetesservice}. Differs: once, at the
 * start; one API server writes the endpoints.
 */

import { Endpoints } from "../api/endpoints.ts";
import { isAlreadyExists, isNotFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { Namespace } from "../api/namespace.ts";
import { PriorityClass, SYSTEM_PRIORITY_CLASSES } from "../api/scheduling/priority-class.ts";
import { Service } from "../api/service.ts";
import type { Registry, WriteContext } from "./registry.ts";
import type { ServiceAllocation } from "./service-allocation.ts";

export interface BootstrapOptions {
  registry: Registry;
  services: ServiceAllocation;
  /** Where the API server is reached. */
  advertise: { address: string; port: number } | undefined;
}

const NAMESPACES = ["kube-system", "kube-public", "kube-node-lease", "default"];
const NAME = "kubernetes";
const HTTPS_PORT = 443;

const context: WriteContext = {
  user: { name: "system:apiserver", groups: ["system:masters"] },
  isDryRun: false,
  manager: "kube-apiserver",
  warn: () => undefined,
};

export async function bootstrap({ registry, services, advertise }: BootstrapOptions) {
  await Promise.all(
    NAMESPACES.map((name) =>
      ensure(registry, Namespace, "", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
        spec: {},
      }),
    ),
  );
  await Promise.all(
    SYSTEM_PRIORITY_CLASSES.map((one) => ensure(registry, PriorityClass, "", structuredClone(one))),
  );
  await ensure(
    registry,
    Service,
    "default",
    kubernetesService(services.range.at(0), advertise?.port),
  );
  if (advertise !== undefined) await reconcileEndpoints(registry, advertise);
}

/** Read first: after a restart everything is there. */
async function ensure(registry: Registry, kind: Kind, namespace: string, obj: KubeObject) {
  try {
    await registry.get(kind, namespace, obj.metadata.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await registry.create(kind, namespace, obj, context).catch(unlessThere);
  }
}

/** Another API server on the same store may have been quicker. */
function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}

function kubernetesService(clusterIP: string, targetPort = HTTPS_PORT): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: NAME,
      namespace: "default",
      labels: { component: "apiserver", provider: NAME },
    },
    spec: {
      type: "ClusterIP",
      clusterIP,
      ports: [{ name: "https", port: HTTPS_PORT, protocol: "TCP", targetPort }],
    },
  };
}

async function reconcileEndpoints(
  registry: Registry,
  { address, port }: NonNullable<BootstrapOptions["advertise"]>,
): Promise<void> {
  const subsets = [
    { addresses: [{ ip: address }], ports: [{ name: "https", port, protocol: "TCP" }] },
  ];
  const target = { kind: Endpoints, namespace: "default", name: NAME, subresource: "" };
  const wanted: Endpoints = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: NAME,
      namespace: "default",
      labels: { "endpointslice.kubernetes.io/skip-mirror": "true" },
    },
    subsets,
  };
  const change = (current: KubeObject | undefined) =>
    current === undefined ? wanted : { ...current, subsets };
  await registry.update(target, change, context);
}

/**
 * What a cluster has from its first moment: the system's namespaces and priority classes, and the service by
 * which pods find the API servers. Where it leads, master-endpoints.ts says.
 *
 * In Kubernetes: pkg/controlplane/controller/{systemnamespaces,kubernetesservice}. Differs: once, at the start.
 */
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
export const KUBERNETES_SERVICE = "kubernetes";
const HTTPS_PORT = 443;

export const systemContext: WriteContext = {
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
}

/** Read first: after a restart everything is there. */
async function ensure(registry: Registry, kind: Kind, namespace: string, obj: KubeObject) {
  try {
    await registry.get(kind, namespace, obj.metadata.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await registry.create(kind, namespace, obj, systemContext).catch(unlessThere);
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
      name: KUBERNETES_SERVICE,
      namespace: "default",
      labels: { component: "apiserver", provider: KUBERNETES_SERVICE },
    },
    spec: {
      type: "ClusterIP",
      clusterIP,
      ports: [{ name: "https", port: HTTPS_PORT, protocol: "TCP", targetPort }],
    },
  };
}

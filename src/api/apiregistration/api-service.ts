/**
 * An APIService: which server answers for a group and version. Without a service of the cluster it is this
 * server itself; those are written by the server.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/registry/apiservice/{strategy,etcd/etcd}.go
 */
import { ageColumn, nameColumn } from "../columns.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { validateApiService, validateApiServiceStatus } from "./api-service-validation.ts";

export interface ApiServiceCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface APIService extends KubeObject {
  spec: {
    group?: string;
    version?: string;
    groupPriorityMinimum: number;
    versionPriority: number;
    service?: { name?: string; namespace?: string; port?: number };
    caBundle?: string;
    insecureSkipTLSVerify?: boolean;
  };
  status?: { conditions?: ApiServiceCondition[] };
}

export function availability({ status }: APIService): ApiServiceCondition | undefined {
  return status?.conditions?.find(({ type }) => type === "Available");
}

export const APIService = defineKind<APIService>({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  namespaced: false,
  storagePrefix: "apiregistration.k8s.io/apiservices",
  schema: "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
  servedVersions: ["v1beta1"],
  hasStatus: true,
  needsResourceVersion: true,
  columns: [
    nameColumn,
    {
      name: "Service",
      type: "string",
      description: "The reference to the service that hosts this API endpoint.",
      value: ({ spec }) =>
        spec?.service ? `${spec.service.namespace}/${spec.service.name}` : "Local",
    },
    {
      name: "Available",
      type: "string",
      description: "Whether this service is available.",
      value: (service) => {
        const { status = "Unknown", reason } = availability(service) ?? {};
        return status === "True" || reason === undefined ? status : `${status} (${reason})`;
      },
    },
    ageColumn,
  ],
  // What a name must be, spec says: see validate.
  validateName: () => [],
  setDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  prepareForCreate(service) {
    service.status =
      service.spec?.service === undefined
        ? {
            conditions: [
              {
                type: "Available",
                status: "True",
                lastTransitionTime: service.metadata.creationTimestamp as string,
                reason: "Local",
                message: "Local APIServices are always available",
              },
            ],
          }
        : {};
  },
  validate: validateApiService,
  // The status has come and all else stays: labels, too.
  prepareForStatusUpdate(service, { spec, metadata }) {
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    Object.assign(service.metadata, { labels, annotations, finalizers, ownerReferences });
    service.spec = spec;
  },
  validateStatusUpdate: validateApiServiceStatus,
  example: {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.aggregated.example.com" },
    spec: {
      group: "aggregated.example.com",
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { namespace: "default", name: "example" },
    },
  },
});

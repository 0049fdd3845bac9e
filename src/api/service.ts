/**
 * A Service: one stable address and name in front of pods that come and go.
 *
 * The cluster IP and node ports are allotted by the registry, which knows what is free; the rest
 * of a service's life is here and in service-validation.ts.
 *
 * In Kubernetes: pkg/registry/core/service/strategy.go
 */
import type { ServiceSpec, ServiceStatus } from "kubernetes-types/core/v1.js";
import { defineKind, type KubeObject, type Verb } from "./kind.ts";
import { nameIsDns1035Label } from "./names.ts";
import { serviceColumns } from "./service-columns.ts";
import { setServiceDefaults } from "./service-defaults.ts";
import { dropForeignFields, keepAllotted, normalizeClusterIps } from "./service-update.ts";
import {
  validateService,
  validateServiceStatus,
  validateServiceUpdate,
} from "./service-validation.ts";
import { serviceWarnings } from "./service-warnings.ts";

export interface Service extends KubeObject {
  spec: ServiceSpec;
  status?: ServiceStatus;
}

const PROXY_VERBS: Verb[] = ["create", "delete", "get", "patch", "update"];

export const Service = defineKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "services/specs",
  schema: "io.k8s.api.core.v1.Service",
  isCreatedByUpdate: true,
  isReturnedWhenDeleted: true,
  hasStatus: true,
  subresources: [{ name: "proxy", kind: "ServiceProxyOptions", verbs: PROXY_VERBS }],
  columns: serviceColumns,
  selectableFields: ({ spec }) => ({
    "spec.clusterIP": spec.clusterIP ?? "",
    "spec.type": spec.type ?? "",
  }),
  validateName: nameIsDns1035Label,
  setDefaults: setServiceDefaults,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    normalizeClusterIps(service.spec);
  },
  prepareForUpdate(service, old) {
    service.status = old.status ?? { loadBalancer: {} };
    keepAllotted(service.spec, old.spec);
    normalizeClusterIps(service.spec, old.spec);
    dropForeignFields(service.spec, old.spec);
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  isChangeJudgedFirst: true,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
  example: {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "example" },
    spec: { selector: { app: "example" }, ports: [{ port: 80 }] },
  },
});

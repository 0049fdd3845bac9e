/**
 * The APIServices of what this server serves itself: one for each group and version, written by the server, for
 * kinds that are built in and for those that definitions bring.
 *
 * In Kubernetes: cmd/kube-apiserver/app/aggregator.go (apiServicesToRegister),
 * staging/src/k8s.io/kube-aggregator/pkg/controllers/autoregister
 */
import { APIService } from "../../api/apiregistration/api-service.ts";
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { type Kind, storageKey } from "../../api/kind.ts";
import { METRICS_GROUP } from "../../api/metrics/resource-metrics.ts";
import { AS_SERVER } from "../custom-resources/as-server.ts";
import { groupPriority } from "../group-priority.ts";
import type { Registry } from "../registry.ts";
import type { Resources } from "../resources.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

export interface LocalServicesOptions {
  cache: WatchCache;
  registry: Registry;
  resources: Resources;
}

const KIND = APIService as unknown as Kind;
const MANAGED = "kube-aggregator.kubernetes.io/automanaged";
/** Of groups that definitions bring, and the metrics server. */
const OTHER_VERSION = 100;

const VERSIONS: Record<string, number> = { v1: 15, v2: 30, v1beta1: 9 };

/** Writes those that are missing, and takes away what is no longer served. */
export async function writeLocalServices({ cache, registry, resources }: LocalServicesOptions) {
  // The group of APIService itself has none.
  const served = resources.all.filter(({ group }) => group !== KIND.group);
  const wanted = new Map(served.map((kind) => [nameOf(kind), kind]));
  const present = cache
    .resource(storageKey(KIND))
    .list()
    .items.map(({ object }) => object as APIService);
  const names = new Set(present.map(({ metadata }) => metadata.name));
  const missing = [...wanted.values()].filter((kind) => !names.has(nameOf(kind)));
  const stale = present.filter(
    ({ metadata }) => metadata.labels?.[MANAGED] !== undefined && !wanted.has(metadata.name),
  );
  await Promise.all([
    ...missing.map((kind) =>
      registry.create(KIND, "", serviceOf(kind), AS_SERVER).catch(unless(isAlreadyExists)),
    ),
    ...stale.map(({ metadata }) => {
      const target = { kind: KIND, namespace: "", name: metadata.name, subresource: "" };
      return registry.delete(target, {}, AS_SERVER).catch(unless(isNotFound));
    }),
  ]);
}

function unless(isExpected: (error: unknown) => boolean) {
  return (error: unknown) => {
    if (!isExpected(error)) throw error;
  };
}

function nameOf({ group, version }: Kind): string {
  return `${version}.${group}`;
}

function serviceOf(kind: Kind): APIService {
  const { group, version } = kind;
  const isCustom = kind.custom !== undefined || group === METRICS_GROUP;
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: nameOf(kind), labels: { [MANAGED]: isCustom ? "true" : "onstart" } },
    spec: {
      ...(group && { group }),
      version,
      groupPriorityMinimum: groupPriority(group),
      versionPriority: isCustom ? OTHER_VERSION : group === "" ? 1 : (VERSIONS[version] ?? 1),
    },
  };
}

/**
 * Keeps the zone as the API server has the cluster: a change of a service, its endpoints (slices of them, or
 * Endpoints) or a namespace replaces the records that come from it, and no others.
 *
 * In Kubernetes: pkg/dns/dns.go of kube-dns, coredns/plugin/kubernetes/controller.go
 */
import { EndpointSlice, SERVICE_NAME_LABEL } from "../api/discovery/endpoint-slice.ts";
import { Endpoints } from "../api/endpoints.ts";
import { Namespace } from "../api/namespace.ts";
import { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import type { Informer, Informers } from "../client/informer.ts";
import { keyOf, splitKey } from "../client/object-cache.ts";
import {
  domainNames,
  domainRecords,
  namespaceNames,
  podRecords,
  serviceRecords,
} from "./records.ts";
import type { EndpointsSource } from "./service-endpoints.ts";
import type { Zone } from "./zone.ts";

export interface ClusterRecordsOptions {
  informers: Informers;
  domain: string;
  zone: Zone;
  /** Whether the pods there are have names; otherwise any address has one, and none is watched. */
  watchesPods: boolean;
  /** Where endpoints are read from: EndpointSlices, or Endpoints. */
  usesSlices: boolean;
  /** Told of endpoints of headless services that have become answers. */
  onEndpoints?: (endpoints: EndpointsSource) => void;
}

const BY_SERVICE = "service";

/** Resolves when the zone holds all there is. */
export async function followCluster(options: ClusterRecordsOptions): Promise<void> {
  const { informers, domain, zone, watchesPods, usesSlices, onEndpoints } = options;
  zone.put("domain", domainRecords(domain), domainNames(domain));
  const services = informers.of(Service);
  const endpoints: Informer<EndpointsSource> = usesSlices
    ? informers.of(EndpointSlice)
    : informers.of(Endpoints);
  endpoints.addIndex(BY_SERVICE, (one) => [serviceKeyOf(one)]);

  function putService({ namespace, name }: { namespace?: string; name: string }): void {
    const service = services.get(namespace, name);
    const behind = endpoints.by(BY_SERVICE, keyOf({ namespace: namespace ?? "", name }));
    const owner = `service ${namespace}/${name}`;
    zone.put(owner, service === undefined ? [] : serviceRecords(service, behind, domain));
  }

  services.onChange((service, old) => putService((service ?? old)!.metadata));
  endpoints.onChange((now, old) => {
    for (const key of new Set([now, old].flatMap((one) => (one ? [serviceKeyOf(one)] : [])))) {
      const { namespace, name } = splitKey(key);
      const service = services.get(namespace, name);
      if (service?.spec.clusterIP !== "None") continue;
      putService(service.metadata);
      if (now !== undefined) onEndpoints?.(now);
    }
  });
  const namespaces = informers.of(Namespace);
  namespaces.onChange((now, old) => {
    const { name } = (now ?? old)!.metadata;
    zone.put(`namespace ${name}`, [], now === undefined ? [] : namespaceNames(now, domain));
  });
  const all: Informer<never>[] = [services, endpoints, namespaces] as never[];
  if (watchesPods) all.push(followPods(informers, domain, zone) as never);
  await Promise.all(all.map((informer) => informer.synced()));
}

/** Endpoints have the name of their service; a slice says it in a label. */
function serviceKeyOf(source: EndpointsSource): string {
  const { namespace = "", name, labels } = source.metadata;
  const isSlice = "addressType" in source;
  return keyOf({ namespace, name: isSlice ? (labels?.[SERVICE_NAME_LABEL] ?? "") : name });
}

function followPods(informers: Informers, domain: string, zone: Zone): Informer<Pod> {
  const pods = informers.of(Pod);
  pods.onChange((pod, old) => {
    const owner = `pod ${keyOf((pod ?? old)!.metadata)}`;
    const hasEnded = pod?.status?.phase === "Succeeded" || pod?.status?.phase === "Failed";
    zone.put(owner, pod === undefined || hasEnded ? [] : podRecords(pod, domain));
  });
  return pods;
}

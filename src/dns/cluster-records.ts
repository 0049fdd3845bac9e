/**
 * Keeps the zone as the API server has the cluster: a change of a service, its endpoints or a
 * namespace replaces the records that come from it, and no others.
 *
 * In Kubernetes: pkg/dns/dns.go of kube-dns, coredns/plugin/kubernetes/controller.go
 */
import { Endpoints } from "../api/endpoints.ts";
import type { KubeObject } from "../api/kind.ts";
import { Namespace } from "../api/namespace.ts";
import { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import type { Informer, Informers } from "../client/informer.ts";
import { keyOf } from "../client/object-cache.ts";
import {
  domainNames,
  domainRecords,
  namespaceNames,
  podRecords,
  serviceRecords,
} from "./records.ts";
import type { Zone } from "./zone.ts";

export interface ClusterRecordsOptions {
  informers: Informers;
  domain: string;
  zone: Zone;
  /** Whether the pods there are have names; otherwise any address has one, and none is watched. */
  watchesPods: boolean;
  /** Told of endpoints of headless services that have become answers. */
  onEndpoints?: (endpoints: Endpoints) => void;
}

/** Resolves when the zone holds all there is. */
export async function followCluster(options: ClusterRecordsOptions): Promise<void> {
  const { informers, domain, zone, watchesPods, onEndpoints } = options;
  zone.put("domain", domainRecords(domain), domainNames(domain));
  const services = informers.of(Service);
  const endpoints = informers.of(Endpoints);

  function putService({ metadata: { namespace, name } }: KubeObject): void {
    const service = services.get(namespace, name);
    const behind = endpoints.get(namespace, name);
    const owner = `service ${namespace}/${name}`;
    zone.put(owner, service === undefined ? [] : serviceRecords(service, behind, domain));
  }

  services.onChange((service, old) => putService((service ?? old)!));
  endpoints.onChange((now, old) => {
    const { metadata } = (now ?? old)!;
    const service = services.get(metadata.namespace, metadata.name);
    if (service?.spec.clusterIP !== "None") return;
    putService(service);
    if (now !== undefined) onEndpoints?.(now);
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

function followPods(informers: Informers, domain: string, zone: Zone): Informer<Pod> {
  const pods = informers.of(Pod);
  pods.onChange((pod, old) => {
    const owner = `pod ${keyOf((pod ?? old)!.metadata)}`;
    const hasEnded = pod?.status?.phase === "Succeeded" || pod?.status?.phase === "Failed";
    zone.put(owner, pod === undefined || hasEnded ? [] : podRecords(pod, domain));
  });
  return pods;
}

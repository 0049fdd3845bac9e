/**
 * Which services a pod is an endpoint of, and whether a change of the pod matters to them.
 *
 * In Kubernetes: GetServicesToUpdateOnPodChange in staging/src/k8s.io/endpointslice/util/controller_utils.go
 */
import { isDeepStrictEqual } from "node:util";
import { matchesLabels } from "../api/labels.ts";
import type { Pod } from "../api/pod.ts";
import { hasEnded, isPodReady } from "../api/pod-status.ts";
import { Service } from "../api/service.ts";
import type { SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";

/** The services a pod is, or was, an endpoint of; none if nothing that matters to them has changed. */
export function servicesOfPod(pod: Pod, old: Pod | undefined, { cached }: SyncContext): string[] {
  if (old !== undefined && isDeepStrictEqual(endpointFactsOf(pod), endpointFactsOf(old))) return [];
  const selects = ({ spec }: Service, { metadata }: Pod) =>
    spec.selector !== undefined && matchesLabels(spec.selector, metadata.labels);
  return cached(Service)
    .list(pod.metadata.namespace)
    .filter((service) => selects(service, pod) || (old !== undefined && selects(service, old)))
    .map((service) => keyOf(service.metadata));
}

function endpointFactsOf(pod: Pod) {
  const { nodeName, hostname, subdomain } = pod.spec;
  const { podIP, podIPs } = pod.status ?? {};
  const { labels, uid, deletionTimestamp } = pod.metadata;
  const state = [isPodReady(pod), hasEnded(pod), deletionTimestamp === undefined];
  return [state, podIP, podIPs, nodeName, hostname, subdomain, labels, uid];
}

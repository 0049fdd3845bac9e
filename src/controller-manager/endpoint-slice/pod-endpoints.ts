/**
 * From a service and its pods to the endpoints it should have, in groups with the same ports: pure.
 *
 * A pod that is going away stays an endpoint until it is gone, so that a proxy that has no other can
 * still use it: it is "terminating", and "serving" as long as it is ready.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/utils.go (podToEndpoint, getEndpointPorts).
 */
import { isIPv6 } from "node:net";
import type { Endpoint, EndpointPort } from "kubernetes-types/discovery/v1.js";
import type { Node } from "../../api/node.ts";
import type { Pod } from "../../api/pod.ts";
import { hasEnded, isPodReady } from "../../api/pod-status.ts";
import type { Service } from "../../api/service.ts";
import { ipOf, portOf } from "../endpoint-subsets.ts";
import { type EndpointGroup, groupKey } from "./plan.ts";
import { ZONE_LABEL } from "./topology-hints.ts";

export function endpointGroups(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods) {
    const ip = ipOf(service, pod);
    if (ip === undefined || hasEnded(pod)) continue;
    const common = { addressType: isIPv6(ip) ? "IPv6" : "IPv4", ports: portsOf(service, pod) };
    const key = groupKey(common);
    const group = groups.get(key) ?? { ...common, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, ip, nodeOf));
  }
  return groups.size === 0 ? [noEndpoints(service)] : [...groups.values()];
}

/** A service without endpoints has a slice that says so. */
function noEndpoints({ spec }: Service): EndpointGroup {
  return { addressType: spec.ipFamilies?.[0] ?? "IPv4", ports: [], endpoints: [] };
}

/** A target port with a name is looked up in each pod; one that a pod does not have, it has not. */
function portsOf({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = portOf(servicePort, pod);
    return port === undefined ? [] : [{ ...port, name: port.name ?? "" }];
  });
}

function endpointOf(
  { spec, metadata }: Service,
  pod: Pod,
  ip: string,
  nodeOf: (name: string) => Node | undefined,
): Endpoint {
  const { namespace = "", name, uid = "", deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = nodeName && nodeOf(nodeName)?.metadata.labels?.[ZONE_LABEL];
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(zone ? { zone } : {}),
  };
}

/**
 * The cells of `kubectl get services`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printService)
 */
import type { ServicePort } from "kubernetes-types/core/v1.js";
import { ageColumn, formatLabels, nameColumn } from "./columns.ts";
import type { Column } from "./kind.ts";
import type { Service } from "./service.ts";

export const serviceColumns: Column<Service>[] = [
  nameColumn,
  {
    name: "Type",
    type: "string",
    description:
      'type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is "None", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. "NodePort" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. "LoadBalancer" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. "ExternalName" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
    value: ({ spec }) => spec.type ?? "",
  },
  {
    name: "Cluster-IP",
    type: "string",
    description: "clusterIP is the IP address of the service and is usually assigned randomly.",
    value: ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || "<none>",
  },
  {
    name: "External-IP",
    type: "string",
    description:
      "externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system.",
    value: externalIps,
  },
  {
    name: "Port(s)",
    type: "string",
    description:
      "The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies",
    value: ({ spec }) => spec.ports?.map(formatPort).join(",") || "<none>",
  },
  ageColumn,
  {
    name: "Selector",
    type: "string",
    priority: 1,
    description:
      "Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/",
    value: ({ spec }) => formatLabels(spec.selector),
  },
];

/** "80/TCP"; with a node port "80:30080/TCP". */
function formatPort({ port, nodePort, protocol = "TCP" }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalIps({ spec, status }: Service): string {
  const { externalIPs = [], type } = spec;
  if (type === "ExternalName") return spec.externalName ?? "";
  if (type !== "LoadBalancer") return externalIPs.join(",") || "<none>";
  const ingress = (status?.loadBalancer?.ingress ?? []).map((one) => one.ip || one.hostname || "");
  return [...new Set(ingress.toSorted()), ...externalIPs].join(",") || "<pending>";
}

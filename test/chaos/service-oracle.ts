/**
 * What must hold of services at rest: they lead to the ready pods they select and to no others, through
 * endpoints and slices alike; and of load balancers' addresses each is given once, while there are any.
 */
import { SERVICE_NAME_LABEL } from "../../src/api/discovery/endpoint-slice.ts";
import { isPodActive, isPodReady } from "../../src/api/pod-status.ts";
import type { Service } from "../../src/api/service.ts";
import { LOAD_BALANCERS } from "./chaos-cluster.ts";
import { differing } from "./oracle.ts";
import { isSelected, naming, type View } from "./view.ts";

export function serviceComplaints(view: View): string[] {
  const isOfUsers = ({ metadata }: Service) => metadata.name !== "kubernetes";
  const services = view.services.filter(isOfUsers);
  return [
    ...services.flatMap((service) =>
      service.spec.selector === undefined ? badMirror(view, service) : badEndpoints(view, service),
    ),
    ...badAddresses(services),
    ...slicesOfNobody(view),
  ];
}

function badEndpoints(view: View, service: Service): string[] {
  const { namespace } = service.metadata;
  const wanted = view.pods
    .filter((pod) => pod.metadata.namespace === namespace && isPodActive(pod) && isPodReady(pod))
    .filter((pod) => isSelected(pod.metadata.labels, service.spec.selector))
    .map((pod) => pod.status?.podIP);
  const { ready, waiting } = endpointsOf(view, service);
  const sliced = slicesOf(view, service).flatMap((slice) => slice.endpoints);
  const isReady = ({ conditions }: (typeof sliced)[number]) =>
    conditions?.ready === true && conditions.serving === true && !conditions.terminating;
  return [
    ...differing(`${naming(service)} leads to`, ready, wanted),
    ...differing(
      `the slices of ${naming(service)} lead to`,
      sliced.map((endpoint) => `${endpoint.addresses} ${isReady(endpoint)}`),
      wanted.map((ip) => `${ip} true`),
    ),
    ...waiting.map((ip) => `${naming(service)} still waits for ${ip}`),
  ];
}

/** Where a user wrote the endpoints, the slices say the same. */
function badMirror(view: View, service: Service): string[] {
  const sliced = slicesOf(view, service).flatMap(({ endpoints }) => endpoints);
  return differing(
    `the slices of ${naming(service)} lead to`,
    sliced.flatMap(({ addresses }) => addresses),
    endpointsOf(view, service).ready,
  );
}

function endpointsOf({ endpoints }: View, { metadata: { namespace, name } }: Service) {
  const own = endpoints.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  const subsets = own?.subsets ?? [];
  const ready = subsets.flatMap(({ addresses = [] }) => addresses);
  const waiting = subsets.flatMap(({ notReadyAddresses = [] }) => notReadyAddresses);
  return { ready: ready.map(({ ip }) => ip), waiting: waiting.map(({ ip }) => ip) };
}

function slicesOf({ slices }: View, { metadata: { namespace, name } }: Service) {
  return slices.filter(
    ({ metadata }) =>
      metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === name,
  );
}

function slicesOfNobody({ services, slices }: View): string[] {
  const names = new Set(services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  return slices
    .filter(({ metadata }) => {
      const service = metadata.labels?.[SERVICE_NAME_LABEL];
      return service && !names.has(`${metadata.namespace}/${service}`);
    })
    .map((slice) => `${naming(slice)} outlived its service`);
}

function badAddresses(services: Service[]): string[] {
  const balanced = services.filter(({ spec }) => spec.type === "LoadBalancer");
  const plain = services.filter(({ spec }) => spec.type !== "LoadBalancer");
  const given = balanced.flatMap(addressesOf);
  const most = Math.min(balanced.length, LOAD_BALANCERS.length);
  const ports = services.flatMap(({ spec }) => (spec.ports ?? []).map(({ nodePort }) => nodePort));
  const nodePorts = ports.filter((port) => port !== undefined);
  return [
    ...differing("load balancers have so many addresses", [given.length], [most]),
    ...differing("each address is one load balancer's", [...new Set(given)], given),
    ...differing("each node port is one service's", [...new Set(nodePorts)], nodePorts),
    ...given.filter((ip) => !LOAD_BALANCERS.includes(ip)).map((ip) => `nobody has lent ${ip}`),
    ...plain.filter((one) => addressesOf(one).length > 0).map((one) => `${naming(one)} keeps one`),
  ];
}

function addressesOf({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip = "none" }) => ip);
}

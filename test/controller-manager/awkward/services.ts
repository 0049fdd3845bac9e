/** The controllers that lead to pods. */
import { EndpointSlice } from "../../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../../src/api/endpoints.ts";
import type { Kind } from "../../../src/api/kind.ts";
import { Pod } from "../../../src/api/pod.ts";
import { Service } from "../../../src/api/service.ts";
import { AddressPool } from "../../../src/controller-manager/load-balancer/address-pool.ts";
import type { AwkwardCase, Lab } from "./lab.ts";

const labels = { app: "web" };
const ports = [{ port: 80, targetPort: 8080 }];
const web = { kind: Service as unknown as Kind, namespace: "default", name: "web" };
const POD_IP = "10.244.1.2";

async function readyPod(lab: Lab): Promise<void> {
  const spec = { nodeName: "node1", containers: [{ name: "main", image: "web:1" }] };
  await lab.create(Pod, "default", { metadata: { name: "web-1", labels }, spec });
  const conditions = [{ type: "Ready", status: "True" }];
  const status = { phase: "Running", podIP: POD_IP, podIPs: [{ ip: POD_IP }], conditions };
  await lab.patchStatus(Pod, "default", "web-1", status);
}

async function slicedAddresses(lab: Lab): Promise<string[]> {
  const slices = await lab.list(EndpointSlice);
  const own = slices.filter(({ metadata }) => metadata.namespace === "default");
  return own.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));
}

export const serviceCases: AwkwardCase[] = [
  {
    controller: "endpoints-controller",
    subject: web,
    prepare: readyPod,
    make: (lab) => lab.make({ spec: { selector: labels, ports } }),
    result: async (lab) =>
      (await lab.find(Endpoints))?.subsets?.flatMap(({ addresses = [] }) =>
        addresses.map(({ ip }) => ip),
      ),
    expected: [POD_IP],
  },
  {
    controller: "endpointslice-controller",
    also: ["garbage-collector-controller"],
    subject: web,
    prepare: readyPod,
    make: (lab) => lab.make({ spec: { selector: labels, ports } }),
    result: async (lab) => [await lab.owned(EndpointSlice), await slicedAddresses(lab)],
    expected: [1, [POD_IP]],
  },
  {
    controller: "endpointslice-mirroring-controller",
    also: ["garbage-collector-controller"],
    subject: { ...web, kind: Endpoints as unknown as Kind },
    prepare: (lab) =>
      lab
        .create(Service, "default", { metadata: { name: "web" }, spec: { ports } })
        .then(() => undefined),
    make: (lab) =>
      lab.make({ subsets: [{ addresses: [{ ip: POD_IP }], ports: [{ port: 8080 }] }] }),
    result: async (lab) => [await lab.owned(EndpointSlice), await slicedAddresses(lab)],
    expected: [1, [POD_IP]],
  },
  {
    controller: "service-lb-controller",
    options: { loadBalancerAddresses: new AddressPool(["192.0.2.7"]) },
    subject: web,
    make: (lab) => lab.make({ spec: { type: "LoadBalancer", selector: labels, ports } }),
    result: async (lab) =>
      (await lab.find(Service))?.status?.loadBalancer?.ingress?.map(({ ip }) => ip),
    expected: ["192.0.2.7"],
  },
];

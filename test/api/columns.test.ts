import { describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Event } from "../../src/api/event.ts";
import { humanDuration } from "../../src/api/human-duration.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { Lease } from "../../src/api/lease.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Ingress } from "../../src/api/networking/ingress.ts";
import { Node } from "../../src/api/node.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Secret } from "../../src/api/secret.ts";
import { Service } from "../../src/api/service.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { complete, type Draft } from "./judge.ts";

const now = new Date("2026-01-01T00:10:00Z");
const metadata = { name: "x", creationTimestamp: "2026-01-01T00:00:00Z" };

/** The cells as kubectl prints them: "NAME=x READY=1/1". */
function row<T extends KubeObject>(kind: Kind<T>, draft: Draft): string {
  const obj = complete(kind, { metadata, ...draft });
  const columns = kind.columns ?? [];
  return columns.map((one) => `${one.name}=${one.value(obj, now)}`).join(" | ");
}

const subsets = (...ips: string[]) => [
  { addresses: ips.map((ip) => ({ ip })), ports: [{ port: 80 }] },
];
const involvedObject = { kind: "Pod", namespace: "default", name: "web" };

describe("kubectl get", () => {
  test.each<[string, string, string]>([
    [
      "a replication controller",
      row(ReplicationController, {
        spec: {
          replicas: 3,
          selector: { b: "2", a: "1" },
          template: {
            spec: {
              containers: [
                { name: "web", image: "nginx" },
                { name: "log", image: "busybox" },
              ],
            },
          },
        },
        status: { replicas: 2, readyReplicas: 1 },
      }),
      "Name=x | Desired=3 | Current=2 | Ready=1 | Age=10m | Containers=web,log | Images=nginx,busybox | Selector=a=1,b=2",
    ],
    [
      "a service",
      row(Service, {
        spec: {
          clusterIP: "10.0.0.1",
          type: "NodePort",
          ports: [
            { port: 80, nodePort: 30080 },
            { port: 53, protocol: "UDP" },
          ],
        },
      }),
      "Name=x | Type=NodePort | Cluster-IP=10.0.0.1 | External-IP=<none> | Port(s)=80:30080/TCP,53/UDP | Age=10m | Selector=<none>",
    ],
    [
      "a load balancer that waits",
      row(Service, { spec: { type: "LoadBalancer", selector: { a: "b" }, ports: [{ port: 80 }] } }),
      "Name=x | Type=LoadBalancer | Cluster-IP=<none> | External-IP=<pending> | Port(s)=80/TCP | Age=10m | Selector=a=b",
    ],
    [
      "an external name",
      row(Service, { spec: { type: "ExternalName", externalName: "example.com" } }),
      "Name=x | Type=ExternalName | Cluster-IP=<none> | External-IP=example.com | Port(s)=<none> | Age=10m | Selector=<none>",
    ],
    ["no endpoints", row(Endpoints, {}), "Name=x | Endpoints=<none> | Age=10m"],
    [
      "endpoints that are all not ready",
      row(Endpoints, { subsets: [{ notReadyAddresses: [{ ip: "10.1.1.1" }] }] }),
      "Name=x | Endpoints= | Age=10m",
    ],
    [
      "the endpoints of a port without name and number",
      row(EndpointSlice, { addressType: "IPv4", endpoints: [], ports: [{ name: "" }] }),
      "Name=x | AddressType=IPv4 | Ports=<unset> | Endpoints=<unset> | Age=10m",
    ],
    [
      "an ingress for three hosts and for all",
      row(Ingress, { spec: { rules: [{ host: "a" }, { host: "b" }, { host: "c" }, {}] } }),
      "Name=x | Class=<none> | Hosts=a,b,c + 1 more... | Address= | Ports=80 | Age=10m",
    ],
    [
      "many endpoints",
      row(Endpoints, {
        subsets: subsets("10.1.1.1", "10.1.1.2", "10.1.1.3", "10.1.1.4", "fd00::1"),
      }),
      "Name=x | Endpoints=10.1.1.1:80,10.1.1.2:80,10.1.1.3:80 + 2 more... | Age=10m",
    ],
    [
      "a node that nobody has heard of",
      row(Node, {}),
      "Name=x | Status=Unknown | Roles=<none> | Age=10m | Version= | Internal-IP=<none> | External-IP=<none> | OS-Image=<unknown> | Kernel-Version=<unknown> | Container-Runtime=<unknown>",
    ],
    [
      "a cordoned node",
      row(Node, {
        metadata: {
          ...metadata,
          labels: { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge" },
        },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          addresses: [{ type: "InternalIP", address: "192.168.0.2" }],
          nodeInfo: {
            kubeletVersion: "v1.30.0",
            osImage: "Debian",
            kernelVersion: "6.1",
            containerRuntimeVersion: "docker://24",
          },
        },
      }),
      "Name=x | Status=Ready,SchedulingDisabled | Roles=edge,worker | Age=10m | Version=v1.30.0 | Internal-IP=192.168.0.2 | External-IP=<none> | OS-Image=Debian | Kernel-Version=6.1 | Container-Runtime=docker://24",
    ],
    [
      "a namespace",
      row(Namespace, { status: { phase: "Active" } }),
      "Name=x | Status=Active | Age=10m",
    ],
    [
      "a config map",
      row(ConfigMap, { data: { a: "1" }, binaryData: { b: "eA==" } }),
      "Name=x | Data=2 | Age=10m",
    ],
    [
      "a secret",
      row(Secret, { stringData: { a: "1" } }),
      "Name=x | Type=Opaque | Data=1 | Age=10m",
    ],
    [
      "a service account",
      row(ServiceAccount, { secrets: [{ name: "t" }] }),
      "Name=x | Secrets=1 | Age=10m",
    ],
    [
      "a lease",
      row(Lease, { spec: { holderIdentity: "node1" } }),
      "Name=x | Holder=node1 | Age=10m",
    ],
    [
      "an event",
      row(Event, {
        involvedObject: { ...involvedObject, fieldPath: "spec.containers{main}" },
        type: "Normal",
        reason: "Started",
        message: "Started container\n",
        source: { component: "kubelet", host: "node1" },
        firstTimestamp: "2026-01-01T00:05:00Z",
        lastTimestamp: "2026-01-01T00:09:30Z",
        count: 4,
      }),
      "Last Seen=30s | Type=Normal | Reason=Started | Object=pod/web | Subobject=spec.containers{main} | Source=kubelet, node1 | Message=Started container | First Seen=5m | Count=4 | Name=x",
    ],
    [
      "an event of the newer kind",
      row(Event, {
        involvedObject,
        type: "Warning",
        reason: "FailedScheduling",
        message: "0/2 nodes are available",
        reportingComponent: "default-scheduler",
        eventTime: "2026-01-01T00:08:00.000000Z",
        firstTimestamp: null,
        lastTimestamp: null,
      }),
      "Last Seen=2m | Type=Warning | Reason=FailedScheduling | Object=pod/web | Subobject= | Source=default-scheduler | Message=0/2 nodes are available | First Seen=2m | Count=1 | Name=x",
    ],
  ])("shows %s", (_, actual, expected) => {
    expect(actual).toBe(expected);
  });

  test("shows <unknown> for the age of what has none", () => {
    const age = ConfigMap.columns?.at(-1);
    expect(age?.value(complete(ConfigMap, {}), now)).toBe("<unknown>");
  });
});

describe("a duration", () => {
  const seconds = 1000;
  const minutes = 60 * seconds;
  const hours = 60 * minutes;
  const days = 24 * hours;
  test.each([
    [-5 * seconds, "<invalid>"],
    [-1 * seconds, "0s"],
    [0, "0s"],
    [119 * seconds, "119s"],
    [2 * minutes, "2m"],
    [2 * minutes + 30 * seconds, "2m30s"],
    [9 * minutes + 59 * seconds, "9m59s"],
    [10 * minutes + 59 * seconds, "10m"],
    [179 * minutes, "179m"],
    [3 * hours, "3h"],
    [7 * hours + 59 * minutes, "7h59m"],
    [8 * hours + 59 * minutes, "8h"],
    [47 * hours, "47h"],
    [2 * days, "2d"],
    [2 * days + 5 * hours, "2d5h"],
    [8 * days + 5 * hours, "8d"],
    [729 * days, "729d"],
    [730 * days, "2y"],
    [735 * days, "2y5d"],
    [3000 * days, "8y"],
  ])("of %d ms is %s", (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});

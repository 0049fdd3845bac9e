/** What the versions before v1 made of an object, field by field. */
import { describe, expect, test } from "vitest";
import type { Endpoints } from "../../../src/api/endpoints.ts";
import type { Node } from "../../../src/api/node.ts";
import type { Pod } from "../../../src/api/pod.ts";
import type { ReplicationController } from "../../../src/api/replication-controller.ts";
import type { Service } from "../../../src/api/service.ts";
import {
  flatContainer,
  flatResources,
  flatVolume,
} from "../../../src/apiserver/legacy/flat-container.ts";
import {
  flatEndpoints,
  flatEvent,
  flatMinion,
  flatNamespace,
  flatReplicationController,
  flatService,
} from "../../../src/apiserver/legacy/flat-kinds.ts";
import { flatPod } from "../../../src/apiserver/legacy/flat-pod.ts";
import {
  v1beta3Node,
  v1beta3Pod,
  v1beta3ReplicationController,
  v1beta3Service,
} from "../../../src/apiserver/legacy/v1beta3.ts";

/** As it goes over the wire: what is undefined is not there. */
const wire = (value: unknown) => JSON.parse(JSON.stringify(value));
const at = (resource: string, version: "v1beta1" | "v1beta2" = "v1beta1") => ({
  version,
  resource,
});
const meta = (name: string) => ({
  name,
  namespace: "shop",
  uid: "u-1",
  resourceVersion: "42",
  creationTimestamp: "2014-06-06T00:00:00Z",
  labels: { app: "web" },
  annotations: { note: "x" },
});
const flat = (kind: string, resource: string, id: string, version = "v1beta1") => ({
  kind,
  id,
  uid: "u-1",
  creationTimestamp: "2014-06-06T00:00:00Z",
  selfLink: `/api/${version}/${resource}/${id}?namespace=shop`,
  resourceVersion: 42,
  apiVersion: version,
  namespace: "shop",
  annotations: { note: "x" },
});

const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: meta("web"),
  spec: {
    nodeName: "node1",
    nodeSelector: { disk: "ssd" },
    restartPolicy: "OnFailure",
    dnsPolicy: "ClusterFirst",
    volumes: [{ name: "data", emptyDir: {} }],
    tolerations: [{ operator: "Exists" }],
    containers: [
      {
        name: "web",
        image: "nginx",
        command: ["run"],
        args: ["-v"],
        env: [{ name: "A", value: "1" }],
        ports: [{ containerPort: 80, protocol: "TCP" }],
        resources: { limits: { cpu: "500m", memory: "64Mi" } },
        volumeMounts: [{ name: "data", mountPath: "/data" }],
        imagePullPolicy: "IfNotPresent",
        securityContext: { privileged: true, capabilities: { add: ["NET_ADMIN"] } },
      },
    ],
  },
  status: {
    phase: "Running",
    hostIP: "10.0.0.1",
    podIP: "10.1.0.2",
    conditions: [
      { type: "Initialized", status: "True" },
      { type: "Ready", status: "True" },
    ],
    containerStatuses: [
      {
        name: "web",
        ready: true,
        restartCount: 1,
        image: "nginx",
        imageID: "docker://i",
        containerID: "docker://c",
        state: { running: { startedAt: "2014-06-06T00:00:01Z" } },
        lastState: { terminated: { exitCode: 137, reason: "Killed" } },
      },
    ],
  },
};

describe("a pod in v1beta1", () => {
  test("has a manifest it is to be like, and a state it is in", () => {
    expect(wire(flatPod(pod, at("pods")))).toEqual({
      ...flat("Pod", "pods", "web"),
      labels: { app: "web" },
      desiredState: {
        manifest: {
          version: "v1beta2",
          id: "",
          volumes: [
            {
              name: "data",
              source: {
                hostDir: null,
                emptyDir: { medium: "" },
                persistentDisk: null,
                gitRepo: null,
                secret: null,
                nfs: null,
              },
            },
          ],
          containers: [
            {
              name: "web",
              image: "nginx",
              command: ["run", "-v"],
              ports: [{ containerPort: 80, protocol: "TCP" }],
              env: [{ name: "A", key: "A", value: "1" }],
              resources: { limits: { cpu: "0.5", memory: 67108864 } },
              cpu: 500,
              memory: 67108864,
              volumeMounts: [{ name: "data", mountPath: "/data", path: "/data" }],
              privileged: true,
              imagePullPolicy: "PullIfNotPresent",
              capabilities: { add: ["NET_ADMIN"] },
            },
          ],
          restartPolicy: { onFailure: {} },
          dnsPolicy: "ClusterFirst",
        },
        host: "node1",
      },
      currentState: {
        manifest: { version: "", id: "", volumes: null, containers: null, restartPolicy: {} },
        status: "Running",
        Condition: [{ kind: "Ready", status: "Full" }],
        host: "node1",
        hostIP: "10.0.0.1",
        podIP: "10.1.0.2",
        info: {
          web: {
            state: { running: { startedAt: "2014-06-06T00:00:01Z" } },
            lastState: {
              termination: { exitCode: 137, reason: "Killed", startedAt: null, finishedAt: null },
            },
            ready: true,
            restartCount: 1,
            image: "nginx",
            imageID: "docker://i",
            containerID: "docker://c",
          },
        },
      },
      nodeSelector: { disk: "ssd" },
    });
  });

  test("begins with its kind and its id", () => {
    const keys = Object.keys(flatPod(pod, at("pods")));
    expect(keys.slice(0, 7)).toEqual([
      "kind",
      "id",
      "uid",
      "creationTimestamp",
      "selfLink",
      "resourceVersion",
      "apiVersion",
    ]);
  });

  test.each([
    ["Pending", "Waiting"],
    ["Running", "Running"],
    ["Succeeded", "Succeeded"],
    ["Failed", "Terminated"],
    ["Unknown", "Unknown"],
  ] as const)("in phase %s has the status %s", (phase, status) => {
    const { currentState } = flatPod({ ...pod, status: { phase } }, at("pods"));
    expect(currentState).toMatchObject({ status });
  });

  test.each([
    ["Always", { always: {} }],
    ["OnFailure", { onFailure: {} }],
    ["Never", { never: {} }],
  ])("with restartPolicy %s has an object for it", (restartPolicy, shown) => {
    const { desiredState } = flatPod({ ...pod, spec: { ...pod.spec, restartPolicy } }, at("pods"));
    expect(desiredState).toMatchObject({ manifest: { restartPolicy: shown } });
  });
});

describe("v1beta2", () => {
  test("does not say names twice", () => {
    const container = wire(flatContainer(pod.spec.containers[0]!, "v1beta2"));
    expect(container.env).toEqual([{ name: "A", value: "1" }]);
    expect(container.volumeMounts).toEqual([{ name: "data", mountPath: "/data" }]);
  });
});

test.each([
  ["2", "2"],
  ["500m", "0.5"],
  ["1500m", "1.5"],
  ["1m", "0.001"],
  ["0", "0"],
])("%s processors are %s", (cpu, shown) => {
  expect(flatResources({ cpu })).toEqual({ cpu: shown });
});

test.each([
  [{ hostPath: { path: "/tmp", type: "" } }, "hostDir", { path: "/tmp" }],
  [{ emptyDir: { medium: "Memory" } }, "emptyDir", { medium: "Memory" }],
  [{ secret: { secretName: "s", defaultMode: 420 } }, "secret", { target: { name: "s" } }],
  [{ nfs: { server: "n", path: "/x" } }, "nfs", { server: "n", path: "/x" }],
  [{ gitRepo: { repository: "r" } }, "gitRepo", { repository: "r" }],
] as const)("a volume of %o is a %s", (source, name, shown) => {
  const { source: view } = flatVolume({ name: "v", ...source }) as { source: object };
  expect(view).toMatchObject({ [name]: shown });
  expect(Object.values(view).filter((one) => one !== null)).toHaveLength(1);
});

describe("a replication controller", () => {
  const rc: ReplicationController = {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: meta("web"),
    spec: {
      replicas: 3,
      selector: { app: "web" },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "nginx" }], restartPolicy: "Always" },
      },
    },
    status: { replicas: 2, readyReplicas: 1 },
  };

  test("in v1beta1 has a replicaSelector and a podTemplate", () => {
    const view = wire(flatReplicationController(rc, at("replicationControllers")));
    expect(view).toMatchObject({
      ...flat("ReplicationController", "replicationControllers", "web"),
      desiredState: {
        replicas: 3,
        replicaSelector: { app: "web" },
        podTemplate: {
          desiredState: {
            manifest: { version: "v1beta2", volumes: null, containers: [{ name: "web" }] },
          },
          labels: { app: "web" },
        },
      },
      currentState: { replicas: 2, podTemplate: { desiredState: { manifest: { version: "" } } } },
      labels: { app: "web" },
    });
  });

  test("in v1beta3 looks as in v1", () => {
    expect(wire(v1beta3ReplicationController(rc))).toMatchObject({
      apiVersion: "v1beta3",
      metadata: { selfLink: "/api/v1beta3/namespaces/shop/replicationcontrollers/web" },
      spec: {
        replicas: 3,
        selector: { app: "web" },
        template: { spec: { containers: [{ name: "web" }] } },
      },
      status: { replicas: 2 },
    });
  });
});

describe("a service", () => {
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: meta("web"),
    spec: {
      type: "LoadBalancer",
      clusterIP: "10.254.1.1",
      sessionAffinity: "None",
      externalIPs: ["1.2.3.4"],
      ports: [
        { port: 80, protocol: "TCP", targetPort: "http" },
        { port: 443, protocol: "TCP", targetPort: 8443 },
      ],
    },
  };

  test("in v1beta1 has its first port, at the top", () => {
    expect(wire(flatService(service, at("services")))).toEqual({
      ...flat("Service", "services", "web"),
      port: 80,
      protocol: "TCP",
      labels: { app: "web" },
      selector: null,
      createExternalLoadBalancer: true,
      publicIPs: ["1.2.3.4"],
      containerPort: "http",
      portalIP: "10.254.1.1",
      sessionAffinity: "None",
    });
  });

  test("in v1beta3 has its portal in its spec", () => {
    expect(wire(v1beta3Service(service)).spec).toEqual({
      port: 80,
      protocol: "TCP",
      selector: null,
      portalIP: "10.254.1.1",
      createExternalLoadBalancer: true,
      publicIPs: ["1.2.3.4"],
      targetPort: "http",
      sessionAffinity: "None",
    });
  });
});

describe("endpoints", () => {
  const endpoints = (subsets: Endpoints["subsets"]): Endpoints =>
    ({ apiVersion: "v1", kind: "Endpoints", metadata: meta("web"), subsets }) as Endpoints;

  test("are addresses with a port", () => {
    const targetRef = { kind: "Pod", name: "web-1" };
    const subsets = [
      {
        addresses: [{ ip: "10.1.0.2", targetRef }, { ip: "10.1.0.3" }],
        ports: [
          { port: 80, protocol: "TCP" },
          { name: "other", port: 81, protocol: "TCP" },
        ],
      },
    ];
    expect(wire(flatEndpoints(endpoints(subsets), at("endpoints")))).toEqual({
      ...flat("Endpoints", "endpoints", "web"),
      protocol: "TCP",
      endpoints: ["10.1.0.2:80", "10.1.0.3:80"],
      targetRefs: [{ endpoint: "10.1.0.2:80", targetRef }],
      subsets: [
        {
          addresses: [{ IP: "10.1.0.2", targetRef }, { IP: "10.1.0.3" }],
          ports: [
            { port: 80, protocol: "TCP" },
            { name: "other", port: 81, protocol: "TCP" },
          ],
        },
      ],
    });
  });

  test("of nothing are TCP all the same", () => {
    const { protocol, endpoints: shown } = flatEndpoints(endpoints([]), at("endpoints"));
    expect({ protocol, shown }).toEqual({ protocol: "TCP", shown: [] });
  });
});

describe("a node", () => {
  const node: Node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node1", resourceVersion: "7" },
    spec: { podCIDR: "10.244.1.0/24", unschedulable: true },
    status: {
      capacity: { cpu: "2", memory: "3882016Ki", pods: "110" },
      addresses: [{ type: "InternalIP", address: "10.211.55.21" }],
      conditions: [
        {
          type: "Ready",
          status: "False",
          lastHeartbeatTime: "2014-06-06T00:00:10Z",
          lastTransitionTime: "2014-06-06T00:00:00Z",
          reason: "KubeletNotReady",
        },
      ],
      nodeInfo: { kubeletVersion: "v1.30.0", kubeProxyVersion: "v1.30.0" } as never,
    },
  };

  test("was a minion", () => {
    expect(wire(flatMinion(node, at("minions")))).toEqual({
      kind: "Minion",
      id: "node1",
      creationTimestamp: null,
      selfLink: "/api/v1beta1/minions/node1",
      resourceVersion: 7,
      apiVersion: "v1beta1",
      hostIP: "10.211.55.21",
      resources: { capacity: { cpu: "2", memory: 3975184384, pods: 110 } },
      podCIDR: "10.244.1.0/24",
      unschedulable: true,
      status: {
        conditions: [
          {
            kind: "Ready",
            status: "None",
            lastProbeTime: "2014-06-06T00:00:10Z",
            lastTransitionTime: "2014-06-06T00:00:00Z",
            reason: "KubeletNotReady",
          },
        ],
        addresses: [{ type: "InternalIP", address: "10.211.55.21" }],
        nodeInfo: { kubeletVersion: "v1.30.0", KubeProxyVersion: "v1.30.0" },
      },
      externalID: "node1",
    });
  });

  test("in v1beta3 is a node", () => {
    const view = wire(v1beta3Node(node));
    expect(view).toMatchObject({
      kind: "Node",
      metadata: { selfLink: "/api/v1beta3/nodes/node1" },
    });
    expect(view.status.nodeInfo).toEqual({
      kubeletVersion: "v1.30.0",
      KubeProxyVersion: "v1.30.0",
    });
  });
});

describe("a pod in v1beta3", () => {
  test("has a host, a Condition and a termination", () => {
    const view = wire(v1beta3Pod(pod));
    expect(view.spec).toMatchObject({ host: "node1", restartPolicy: "OnFailure" });
    expect(view.spec.containers[0]).toMatchObject({
      privileged: true,
      imagePullPolicy: "IfNotPresent",
      capabilities: { add: ["NET_ADMIN"] },
    });
    expect(view.spec.tolerations).toBeUndefined();
    expect(view.status).toMatchObject({
      phase: "Running",
      Condition: [{ type: "Ready", status: "True" }],
      host: "node1",
      containerStatuses: [{ name: "web", lastState: { termination: { exitCode: 137 } } }],
    });
  });
});

test("an event names who saw it, and where", () => {
  const view = flatEvent(
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: meta("web.1"),
      involvedObject: { kind: "Pod", name: "web", namespace: "shop" },
      reason: "Started",
      message: "Started container web",
      source: { component: "kubelet", host: "node1" },
      firstTimestamp: "2014-06-06T00:00:00Z",
      lastTimestamp: "2014-06-06T00:00:05Z",
      count: 2,
    },
    at("events"),
  );
  expect(wire(view)).toEqual({
    ...flat("Event", "events", "web.1"),
    involvedObject: { kind: "Pod", namespace: "shop", name: "web" },
    reason: "Started",
    message: "Started container web",
    source: "kubelet",
    host: "node1",
    timestamp: "2014-06-06T00:00:00Z",
    firstTimestamp: "2014-06-06T00:00:00Z",
    lastTimestamp: "2014-06-06T00:00:05Z",
    count: 2,
  });
});

test("a namespace has finalizers and a phase", () => {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", resourceVersion: "3" },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
  expect(wire(flatNamespace(namespace, at("namespaces")))).toMatchObject({
    kind: "Namespace",
    id: "shop",
    selfLink: "/api/v1beta1/namespaces/shop",
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  });
});

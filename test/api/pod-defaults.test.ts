import { describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { complete, created, type Draft } from "./judge.ts";

const main = { name: "main", image: "nginx" };
const specOf = (spec: Draft) => complete(Pod, { spec: { containers: [main], ...spec } }).spec;
const containerOf = (fields: Draft) =>
  specOf({ containers: [{ ...main, ...fields }] }).containers[0]!;

describe("a Pod", () => {
  test("gets Kubernetes' defaults", () => {
    expect(specOf({})).toEqual({
      containers: [
        {
          name: "main",
          image: "nginx",
          imagePullPolicy: "Always",
          resources: {},
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
    });
  });

  test("gets some that its template does not, where they would show in whatever has one", () => {
    const limited = {
      ...main,
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: "1" } },
    };
    const spec = { hostNetwork: true, containers: [limited] };
    const pod = specOf(structuredClone(spec));
    const metadata = { labels: { app: "web" } };
    const controller = complete(ReplicationController, {
      spec: { template: { metadata, spec: structuredClone(spec) } },
    });
    const template = (controller.spec.template as { spec: typeof pod }).spec;
    expect(pod).toMatchObject({
      enableServiceLinks: true,
      containers: [{ ports: [{ hostPort: 80 }], resources: { requests: { cpu: "1" } } }],
    });
    expect(template).not.toHaveProperty("enableServiceLinks");
    expect(template.containers[0]!.ports).toEqual([{ containerPort: 80, protocol: "TCP" }]);
    expect(template.containers[0]!.resources).toEqual({ limits: { cpu: "1" } });
  });

  test.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1.25", "IfNotPresent"],
    ["registry:5000/nginx", "Always"],
    ["registry:5000/nginx:1.25", "IfNotPresent"],
    ["nginx@sha256:0000", "IfNotPresent"],
    ["nginx:latest@sha256:0000", "Always"],
  ])("with the image %s is pulled %s", (image, policy) => {
    expect(containerOf({ image }).imagePullPolicy).toBe(policy);
  });

  test("asks for what it is limited to, in canonical form", () => {
    const resources = { limits: { cpu: "1000m", memory: "1024Mi" }, requests: { cpu: "0.5" } };
    expect(containerOf({ resources }).resources).toEqual({
      limits: { cpu: "1", memory: "1Gi" },
      requests: { cpu: "500m", memory: "1Gi" },
    });
  });

  test("probes once in ten seconds over HTTP", () => {
    expect(containerOf({ livenessProbe: { httpGet: { port: 80 } } }).livenessProbe).toEqual({
      httpGet: { port: 80, path: "/", scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  test("speaks TCP, and on the host's network uses the host's ports", () => {
    const ports = [{ containerPort: 80 }];
    const spec = specOf({ hostNetwork: true, containers: [{ ...main, ports }] });
    expect(spec.containers[0]!.ports).toEqual([
      { containerPort: 80, hostPort: 80, protocol: "TCP" },
    ]);
  });

  test("has complete volumes", () => {
    const volumes = [
      { name: "a" },
      { name: "b", configMap: { name: "c" } },
      { name: "d", secret: { secretName: "e" } },
      { name: "f", hostPath: { path: "/g" } },
    ];
    expect(specOf({ volumes }).volumes).toEqual([
      { name: "a", emptyDir: {} },
      { name: "b", configMap: { name: "c", defaultMode: 420 } },
      { name: "d", secret: { secretName: "e", defaultMode: 420 } },
      { name: "f", hostPath: { path: "/g", type: "" } },
    ]);
  });

  test("has its service account under both names", () => {
    expect(specOf({ serviceAccountName: "x" })).toMatchObject({ serviceAccount: "x" });
    expect(specOf({ serviceAccount: "x" })).toMatchObject({ serviceAccountName: "x" });
  });

  test("begins Pending, whatever status it was sent with", () => {
    const pod = created(Pod, { spec: { containers: [main] }, status: { phase: "Running" } });
    expect(pod.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
  });

  test.each([
    ["it was never placed", {}, "Pending", 30, 0],
    ["it has ended", { nodeName: "n" }, "Failed", 30, 0],
    ["it runs", { nodeName: "n" }, "Running", undefined, 30],
    ["it runs and the client is in a hurry", { nodeName: "n" }, "Running", 5, 5],
    ["it runs and the client said 0", { nodeName: "n" }, "Running", 0, 0],
    [
      "it runs and its period is negative",
      { nodeName: "n", terminationGracePeriodSeconds: -1 },
      "Running",
      undefined,
      1,
    ],
  ])("is given time to stop when %s", (_, spec, phase, requested, seconds) => {
    const pod = complete(Pod, { spec: { containers: [main], ...spec }, status: { phase } });
    expect(Pod.gracePeriodSeconds?.(pod, requested)).toBe(seconds);
  });
});

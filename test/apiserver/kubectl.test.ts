/** The oldest and the newest kubectl at hand, against the server: what students type, and what they see. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApiServer } from "../support/api-server.ts";
import { type Kubectl, kubectls, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";

const WEB = `
apiVersion: v1
kind: ReplicationController
metadata: {name: web}
spec:
  replicas: 3
  selector: {app: web}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: single, labels: {app: single}}
spec: {containers: [{name: main, image: nginx}, {name: side, image: busybox}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.254.9.9, selector: {app: web}, ports: [{port: 80}]}
`;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let directory: string;
let kubeconfig: string;

describeWith(["kubectl"], "kubectl", () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kubectl-test-"));
    kubeconfig = join(directory, "config");
  });
  afterAll(() => rm(directory, { recursive: true }));
  beforeEach(async () => {
    server = await startTestApiServer();
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    const cluster = { name: "test", cluster: { server: `http://127.0.0.1:${port}` } };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [cluster],
      contexts: [{ name: "test", context: { cluster: "test", user: "" } }],
      "current-context": "test",
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    return () => server.stop();
  });

  for (const kubectl of oldestAndNewest()) commandsOf(kubectl);

  test("is here in more than one version, where the machine has them", () => {
    expect(kubectls().length).toBeGreaterThan(0);
  });
});

function commandsOf(kubectl: Kubectl): void {
  const run = async (command: string, input = "") => {
    const cache = `--cache-dir=${join(directory, `cache${kubectl.minor}`)}`;
    const args = [cache, ...command.split(" ")];
    const { stdout, stderr } = await runKubectl(kubectl, kubeconfig, args, input);
    return (stdout + stderr)
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("Warning"));
  };
  const version = `1.${kubectl.minor}`;

  test(`${version} creates, shows, scales, labels and deletes`, async () => {
    expect(await run("create -f -", WEB)).toEqual([
      "replicationcontroller/web created",
      "pod/single created",
      "service/web created",
    ]);
    expect(await run("get rc,pods,svc -o wide")).toEqual([
      "NAME                        DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES   SELECTOR",
      expect.stringMatching(/^replicationcontroller\/web +3 +0 +0 +0s +web +nginx +app=web$/),
      "",
      "NAME         READY   STATUS    RESTARTS   AGE   IP       NODE     NOMINATED NODE   READINESS GATES",
      "pod/single   0/2     Pending   0          0s    <none>   <none>   <none>           <none>",
      "",
      "NAME                 TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE   SELECTOR",
      "service/kubernetes   ClusterIP   10.254.0.1   <none>        443/TCP   0s    <none>",
      "service/web          ClusterIP   10.254.9.9   <none>        80/TCP    0s    app=web",
    ]);
    expect(await run("scale rc web --replicas=5")).toEqual(["replicationcontroller/web scaled"]);
    expect(await run("get rc web -o jsonpath={.spec.replicas}")).toEqual(["5"]);
    expect(await run("label pod single tier=front")).toEqual(["pod/single labeled"]);
    expect(await run("get pods -l tier=front -o name")).toEqual(["pod/single"]);
    expect(await run("delete pod single")).toEqual([
      expect.stringMatching(/^pod "single" deleted( from default namespace)?$/),
    ]);
    expect(await run("get pods")).toEqual(["No resources found in default namespace."]);
  });

  test(`${version} is told what is wrong in the words it knows`, async () => {
    await run("create -f -", WEB);
    expect(await run("create -f -", WEB)).toContain(
      'Error from server (AlreadyExists): error when creating "STDIN": pods "single" already exists',
    );
    expect(await run("get pod none")).toEqual([
      'Error from server (NotFound): pods "none" not found',
    ]);
    expect(await run("get gadgets")).toEqual([
      'error: the server doesn\'t have a resource type "gadgets"',
    ]);
    expect(await run("exec single -c main -- ls")).toEqual([
      "Error from server (BadRequest): pod single does not have a host assigned",
    ]);
    expect(await run("delete ns default")).toEqual([
      'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
    ]);
  });

  test(`${version} makes objects from its arguments, in protobuf since 1.32`, async () => {
    const made: [command: string, line: string][] = [
      ["create ns room", "namespace/room created"],
      ["create cm settings --from-literal=colour=green", "configmap/settings created"],
      ["create secret generic word --from-literal=pass=hunter2", "secret/word created"],
      ["create sa robot", "serviceaccount/robot created"],
      ["create svc nodeport door --tcp=80:http --node-port=30080", "service/door created"],
      ["create svc clusterip headless --clusterip=None --tcp=5", "service/headless created"],
      ["create svc externalname away --external-name=example.com", "service/away created"],
      ["create quota few --hard=pods=4 --scopes=BestEffort", "resourcequota/few created"],
    ];
    for (const [command, line] of made) expect(await run(command)).toEqual([line]);
    expect(await run("get cm settings -o jsonpath={.data}")).toEqual(['{"colour":"green"}']);
    expect(await run("get secret word -o jsonpath={.data}{.type}")).toEqual([
      '{"pass":"aHVudGVyMg=="}Opaque',
    ]);
    expect(await run("get quota few -o jsonpath={.spec}")).toEqual([
      '{"hard":{"pods":"4"},"scopes":["BestEffort"]}',
    ]);
    const [port] = await run("get svc door -o jsonpath={.spec.ports[0]}");
    expect(JSON.parse(port!)).toEqual({
      name: "80-http",
      nodePort: 30080,
      port: 80,
      protocol: "TCP",
      targetPort: "http",
    });
    expect(await run("get svc away -o jsonpath={.spec.externalName}")).toEqual(["example.com"]);
  });

  test(`${version} discovers every kind, and explains it`, async () => {
    const names = await run("api-resources -o name");
    expect(names).toEqual(
      expect.arrayContaining(["pods", "services", "leases.coordination.k8s.io"]),
    );
    expect((await run("explain pod.spec.nodeName")).join("\n")).toMatch(/nodeName\s+<string>/);
    expect((await run("version")).join("\n")).toContain("v1.30.0+kubeling");
  });
}

/** The oldest and the newest kubectl where pod security, a policy and a server behind ours have their say. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dialTcp } from "../../../src/apiserver/backend.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { startHttpsServer } from "../../support/https-server.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";

let directory: string;
let kubeconfig: string;
let server: Awaited<ReturnType<typeof startTestApiServer>>;
let behind: Awaited<ReturnType<typeof startHttpsServer>>;

const GROUP = "/apis/wardle.example.com/v1";
const FLUNDER = {
  kind: "Flunder",
  apiVersion: "wardle.example.com/v1",
  metadata: { name: "one", namespace: "default", creationTimestamp: "2014-06-06T00:00:00Z" },
};
const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "wardle.example.com/v1",
  resources: [
    {
      name: "flunders",
      singularName: "flunder",
      namespaced: true,
      kind: "Flunder",
      verbs: ["get", "list"],
    },
  ],
};

const POLICY = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  validations:
  - expression: object.spec.replicas <= 5
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas-everywhere}
spec:
  policyName: replicas
  validationActions: [Deny]
`;

const deployment = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;

describeWith(["kubectl"], "kubectl and admission", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-admission-"));
    kubeconfig = join(directory, "kubeconfig");
    behind = await startHttpsServer(
      (request, response) => {
        response.setHeader("content-type", "application/json");
        const path = request.url!.split("?")[0]!;
        if (path === GROUP) response.end(JSON.stringify(RESOURCES));
        else if (path.endsWith("/one")) response.end(JSON.stringify(FLUNDER));
        else response.writeHead(404).end("{}");
      },
      { names: ["wardle.default.svc"] },
    );
    server = await startTestApiServer({ dial: (_, port) => dialTcp("127.0.0.1", port) });
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
  });
  afterAll(async () => {
    await server?.stop();
    await behind?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  for (const kubectl of oldestAndNewest()) walksOf(kubectl);
});

function walksOf(kubectl: Kubectl): void {
  const version = `1.${kubectl.minor}`;
  const run = async (command: string, input = "") => {
    const args = [`--cache-dir=${join(directory, version)}`, ...command.split(" ")];
    const { stdout, stderr } = await runKubectl(kubectl, kubeconfig, args, input);
    return (stdout + stderr).trimEnd();
  };

  test(`${version} labels a namespace, and a pod is refused there`, async () => {
    const namespace = `safe-${kubectl.minor}`;
    await run(`create namespace ${namespace}`);
    expect(
      await run(`label ns ${namespace} pod-security.kubernetes.io/enforce=restricted`),
    ).toContain(`namespace/${namespace} labeled`);
    const refused = await run(`-n ${namespace} run web --image=nginx --restart=Never`);
    expect(refused).toBe(
      'Error from server (Forbidden): pods "web" is forbidden: violates PodSecurity "restricted:latest": ' +
        'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  test(`${version} is denied by a policy`, async () => {
    expect(await run("apply -f -", POLICY)).toMatch(/replicas created\n.*everywhere created$/);
    expect(await run("apply -f -", deployment(6))).toContain(
      "ValidatingAdmissionPolicy 'replicas' with binding 'replicas-everywhere' denied request: failed expression: object.spec.replicas <= 5",
    );
    expect(await run("apply -f -", deployment(5))).toBe("deployment.apps/web created");
    expect(await run("get validatingadmissionpolicies")).toMatch(
      /^NAME +VALIDATIONS +PARAMKIND +AGE\nreplicas +1 +<unset> +/,
    );
    await run("delete deployment web");
    await run("delete -f -", POLICY);
  });

  test(`${version} reads from a server behind ours`, async () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "wardle" },
      spec: { selector: { app: "wardle" }, ports: [{ port: 443 }] },
    };
    const endpoints = {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "wardle" },
      subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: behind.port }] }],
    };
    const registration = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.wardle.example.com" },
      spec: {
        group: "wardle.example.com",
        version: "v1",
        groupPriorityMinimum: 1000,
        versionPriority: 15,
        service: { namespace: "default", name: "wardle" },
        caBundle: behind.caBundle,
      },
    };
    const items = [service, endpoints, registration];
    await run("create -f -", JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    const name = "apiservice/v1.wardle.example.com";
    expect(await run(`wait --for=condition=Available --timeout=60s ${name}`)).toContain(
      "condition met",
    );
    expect(await run("get apiservices v1.wardle.example.com v1.apps")).toMatch(
      /^NAME +SERVICE +AVAILABLE +AGE\nv1.wardle.example.com +default\/wardle +True +\S+\nv1.apps +Local +True +\S+$/,
    );
    expect(await run("api-resources --api-group=wardle.example.com -o name")).toBe(
      "flunders.wardle.example.com",
    );
    expect(await run("get flunders one -o jsonpath={.metadata.name}")).toBe("one");
    await run(`delete ${name} service/wardle endpoints/wardle`);
  });
}

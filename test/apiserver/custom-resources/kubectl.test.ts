/** The oldest and the newest kubectl with kinds of the user's own: what the documentation walks through. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApiServer } from "../../support/api-server.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";
import { cronTab, cronTabDefinition } from "./cron-tab.ts";

const scaled = cronTabDefinition({
  subresources: {
    status: {},
    scale: {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.labelSelector",
    },
  },
});

const RULED = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: autoscalers.kubeling.test}
spec:
  group: kubeling.test
  scope: Cluster
  names: {plural: autoscalers, kind: Autoscaler, shortNames: [asc], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: Autoscaler keeps a number between two others.
        properties:
          spec:
            type: object
            description: What is asked for.
            required: [minReplicas, maxReplicas]
            x-kubernetes-validations:
            - rule: "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas"
              messageExpression: "'replicas should be between %d and %d'.format([self.minReplicas, self.maxReplicas])"
            - rule: "self.maxReplicas >= oldSelf.maxReplicas"
              message: maxReplicas may only grow
            properties:
              minReplicas: {type: integer, description: The least.}
              replicas: {type: integer, default: 3}
              maxReplicas: {type: integer}
`;

const autoscaler = (spec: string) =>
  `apiVersion: kubeling.test/v1\nkind: Autoscaler\nmetadata: {name: web}\nspec: ${spec}\n`;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let directory: string;
let kubeconfig: string;

describeWith(["kubectl"], "kubectl, with kinds of the user's own", () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kubectl-custom-"));
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

  for (const kubectl of oldestAndNewest()) walksOf(kubectl);
});

function walksOf(kubectl: Kubectl): void {
  let caches = 0;
  let cache = "";
  beforeEach(() => {
    cache = join(directory, `cache-${kubectl.minor}-${caches++}`);
  });
  const run = async (args: string[], input: unknown = "") => {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    const all = [`--cache-dir=${cache}`, ...args];
    const { stdout, stderr } = await runKubectl(kubectl, kubeconfig, all, text);
    return (stdout + stderr).trimEnd().split("\n");
  };
  const words = (command: string, input: unknown = "") => run(command.split(" "), input);
  const version = `1.${kubectl.minor}`;

  test(`${version} declares, fills, shows, scales, patches and deletes a CronTab`, async () => {
    const crd = "customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com";
    expect(await words("apply -f -", scaled)).toEqual([`${crd} created`]);
    expect(
      await words("wait --for=condition=established --timeout=60s crd/crontabs.stable.example.com"),
    ).toEqual([`${crd} condition met`]);

    expect(await words("apply -f -", cronTab("mine", { replicas: 2 }))).toEqual([
      "crontab.stable.example.com/mine created",
    ]);
    expect(await words("get ct")).toEqual([
      expect.stringMatching(/^NAME +SPEC +REPLICAS +AGE$/),
      expect.stringMatching(/^mine +\* \* \* \* \*\/5 +2 +0s$/),
    ]);
    expect(await words("get crontabs mine -o jsonpath={.spec.image}")).toEqual([
      "my-awesome-cron-image",
    ]);
    expect(await words("scale --replicas=5 crontabs/mine")).toEqual([
      "crontab.stable.example.com/mine scaled",
    ]);
    const patch = '{"spec":{"image":"other"}}';
    expect(await run(["patch", "ct", "mine", "--type=merge", "-p", patch])).toEqual([
      "crontab.stable.example.com/mine patched",
    ]);
    expect(
      await words("get ct mine -o jsonpath={.spec.replicas}-{.spec.image}-{.metadata.generation}"),
    ).toEqual(["5-other-3"]);
    expect((await words("apply -f -", cronTab("mine", { replicas: 11 }))).join("\n")).toContain(
      "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10",
    );
    expect(await words("delete crd crontabs.stable.example.com")).toEqual([
      'customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted',
    ]);
    expect((await words("get crontabs.v1.stable.example.com")).join("\n")).toMatch(
      /the server (doesn't have a resource type|could not find the requested resource)/,
    );
  });

  test(`${version} is told what a rule has against an object`, async () => {
    await words("create -f -", RULED);
    await words("wait --for=condition=established --timeout=60s crd/autoscalers.kubeling.test");

    expect(await words("create -f -", autoscaler("{minReplicas: 4, maxReplicas: 9}"))).toEqual([
      'The Autoscaler "web" is invalid: spec: Invalid value: "object": replicas should be between 4 and 9',
    ]);
    expect(await words("create -f -", autoscaler("{minReplicas: 1, maxReplicas: 9}"))).toEqual([
      "autoscaler.kubeling.test/web created",
    ]);
    expect(await words("get asc web -o jsonpath={.spec.replicas}")).toEqual(["3"]);
    expect(
      await run(["patch", "asc", "web", "--type=merge", "-p", '{"spec":{"maxReplicas":8}}']),
    ).toEqual([
      'The Autoscaler "web" is invalid: spec: Invalid value: "object": maxReplicas may only grow',
    ]);
    const strategic = await run(["patch", "asc", "web", "--type=strategic", "-p", "{}"]);
    expect(strategic.join("\n")).toMatch(
      /the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml|strategic merge patch is not supported/,
    );
  });

  test(`${version} explains a kind by its definition`, async () => {
    await words("create -f -", RULED);
    await words("wait --for=condition=established --timeout=60s crd/autoscalers.kubeling.test");

    const plain = (await words("explain autoscalers.spec")).join("\n");
    expect(plain).toContain("What is asked for.");
    expect(plain).toMatch(/minReplicas\s+<integer>\s+-required-/);
    expect(plain).toContain("The least.");
    const all = (await words("explain autoscalers --recursive")).join("\n");
    expect(all).toMatch(/spec\s+<Object>/);
    expect(all).toMatch(/maxReplicas\s+<integer>/);
    expect(all).toMatch(/finalizers\s+<\[\]string>/);
    expect((await words("api-resources --api-group=kubeling.test --no-headers"))[0]).toMatch(
      /^autoscalers +asc +kubeling.test\/v1 +false +Autoscaler$/,
    );
  });
}

/** The oldest and the newest kubectl with kinds of a server behind this one. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kubectl, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";
import { startTwoServers } from "./server-behind.ts";

let servers: Awaited<ReturnType<typeof startTwoServers>>;
let directory: string;
let kubeconfig: string;

describeWith(["kubectl"], "kubectl, with kinds of a server behind this one", () => {
  beforeAll(async () => {
    servers = await startTwoServers();
    directory = await mkdtemp(join(tmpdir(), "kubectl-aggregated-"));
    kubeconfig = join(directory, "config");
    const { port } = await servers.front.listen({ address: "127.0.0.1", port: 0 });
    const config = {
      ...{ apiVersion: "v1", kind: "Config", "current-context": "test" },
      clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "" } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
  });
  afterAll(async () => {
    await servers?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  for (const kubectl of oldestAndNewest()) walksOf(kubectl);
});

function walksOf(kubectl: Kubectl): void {
  const run = (command: string, input = "") => {
    const cache = `--cache-dir=${join(directory, `cache-${kubectl.minor}`)}`;
    return runKubectl(kubectl, kubeconfig, [cache, ...command.split(" ")], input);
  };
  const fish = (name: string, spec: object) =>
    JSON.stringify({
      ...{ apiVersion: "wardle.example.com/v1alpha1", kind: "Flunder", metadata: { name } },
      spec,
    });
  const version = `1.${kubectl.minor}`;

  test(`${version} explains them`, async () => {
    const { stdout, stderr } = await run("explain flunders.spec");
    expect(stderr).toBe("");
    expect(stdout).toContain("What it is like.");
    expect(stdout).toMatch(/size\s+<integer>/);
    expect(stdout).toContain("From head to tail.");
  });

  test(`${version} takes what fits them, and refuses a field they have not`, async () => {
    const right = await run("create -f -", fish(`right-${kubectl.minor}`, { size: 3 }));
    expect(right).toMatchObject({
      code: 0,
      stdout: `flunder.wardle.example.com/right-${kubectl.minor} created\n`,
    });
    const wrong = await run("create -f -", fish("wrong", { sise: 3 }));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(
      /unknown field "spec.sise"|ValidationError\(Flunder.spec\): unknown field "sise"/,
    );
  });
}

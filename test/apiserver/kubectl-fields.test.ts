/** What kubectl makes of our schemas: it explains them, validates by them, and patches by their merge keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApiServer } from "../support/api-server.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let url: string;
let cache: string;

beforeAll(async () => {
  server = await startTestApiServer();
  const { address, port } = await server.listen({ address: "127.0.0.1", port: 0 });
  url = `http://${address}:${port}`;
  cache = mkdtempSync(join(tmpdir(), "kubectl-cache-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(cache, { recursive: true, force: true });
});

const controller = (name: string, spec: object = {}, container: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { app: name },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "nginx", ...container }] },
      },
      ...spec,
    },
  });

describeWith(["kubectl"], "a kubectl", () => {
  for (const kubectl of oldestAndNewest()) {
    const run = (args: string[], input = "") =>
      runKubectl(kubectl, "/dev/null", ["-s", url, `--cache-dir=${cache}`, ...args], input);

    test(`of 1.${kubectl.minor} explains a field`, async () => {
      const { stdout, stderr } = await run(["explain", "pod.spec.containers.image"]);
      expect(stderr).toBe("");
      expect(stdout).toMatch(/FIELD: +image <string>/);
      expect(stdout).toContain("Container image name.");
      const { stdout: fields } = await run(["explain", "pod.spec", "--recursive"]);
      expect(fields).toMatch(/terminationGracePeriodSeconds\s+<integer>/);
    });

    test(`of 1.${kubectl.minor} refuses an unknown field and a wrong type`, async () => {
      const unknown = await run(["create", "-f", "-"], controller("a", { replicass: 2 }));
      expect(unknown).toMatchObject({ code: 1, stdout: "" });
      expect(unknown.stderr).toContain(unknownField(kubectl, "spec.replicass"));
      const wrong = await run(["create", "-f", "-"], controller("a", { replicas: "two" }));
      expect(wrong).toMatchObject({ code: 1, stdout: "" });
      expect(wrong.stderr).toContain("replicas");
    });

    test(`of 1.${kubectl.minor} applies a change to one container and keeps the other`, async () => {
      const name = `apply-${kubectl.minor}`;
      await run(["apply", "-f", "-"], controller(name));
      const sidecar = { spec: { template: { spec: { containers: [{ name: "b", image: "b" }] } } } };
      await run(["patch", "rc", name, "-p", JSON.stringify(sidecar)]);
      const applied = await run(["apply", "-f", "-"], controller(name, {}, { image: "redis" }));
      expect(applied.stdout).toBe(`replicationcontroller/${name} configured\n`);
      const images = "-o=jsonpath={range .spec.template.spec.containers[*]}{.name}={.image} {end}";
      const { stdout } = await run(["get", "rc", name, images]);
      expect(stdout.trim().split(" ").toSorted()).toEqual(["b=b", "main=redis"]);
    });

    test(`of 1.${kubectl.minor} is told what a patch lacks`, async () => {
      const name = `patch-${kubectl.minor}`;
      await run(["create", "-f", "-"], controller(name));
      const nameless = { spec: { template: { spec: { containers: [{ image: "b" }] } } } };
      const { stderr } = await run(["patch", "rc", name, "-p", JSON.stringify(nameless)]);
      expect(stderr).toBe(
        "Error from server: map: map[image:b] does not contain declared merge key: name\n",
      );
    });
  }
});

/** Old ones validate by OpenAPI themselves; new ones let the server do it. */
function unknownField({ minor }: Kubectl, path: string): string {
  const field = path.split(".").at(-1);
  return minor < 27
    ? `unknown field "${field}" in io.k8s.api.core.v1.ReplicationControllerSpec`
    : `strict decoding error: unknown field "${path}"`;
}

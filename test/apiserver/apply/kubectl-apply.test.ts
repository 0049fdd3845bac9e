/** kubectl's ways to apply, on either side, the oldest and the newest at hand. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApiServer } from "../../support/api-server.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";

const LIMIT_MS = 240_000;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let url: string;
let cache: string;

const settings = (namespace: string, data: Record<string, string>, name = "settings") =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { set: "all" } },
    data,
  });

describeWith(["kubectl"], "kubectl", () => {
  beforeAll(async () => {
    server = await startTestApiServer();
    const { address, port } = await server.listen({ address: "127.0.0.1", port: 0 });
    url = `http://${address}:${port}`;
    cache = mkdtempSync(join(tmpdir(), "kubectl-apply-"));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(cache, { recursive: true, force: true });
  });

  for (const kubectl of oldestAndNewest()) commandsOf(kubectl);
});

function commandsOf(kubectl: Kubectl): void {
  const version = `1.${kubectl.minor}`;
  const run = async (command: string, input = "") => {
    const args = [`--server=${url}`, `--cache-dir=${join(cache, version)}`, ...command.split(" ")];
    const { code, stdout, stderr } = await runKubectl(kubectl, "/dev/null", args, input);
    return { code, text: (stdout + stderr).trimEnd() };
  };
  const inNamespace = async (name: string) => {
    const namespace = `${name}-${kubectl.minor}`;
    await run(`create namespace ${namespace}`);
    return namespace;
  };

  test(
    `${version} applies on the server, is told of conflicts, and forces them`,
    async () => {
      const ns = await inNamespace("server-side");
      const apply = (data: Record<string, string>, flags = "") =>
        run(`apply --server-side${flags} -f -`, settings(ns, data));

      expect(await apply({ a: "1" })).toEqual({
        code: 0,
        text: "configmap/settings serverside-applied",
      });
      expect((await apply({ a: "1" })).text).toBe("configmap/settings serverside-applied");
      const refused = await apply({ a: "2" }, " --field-manager=other");
      expect(refused.code).toBe(1);
      expect(refused.text).toContain(
        'Apply failed with 1 conflict: conflict with "kubectl": .data.a\n',
      );
      expect((await apply({ a: "2" }, " --field-manager=other --force-conflicts")).code).toBe(0);
      expect((await run(`get cm settings -n ${ns} -o jsonpath={.data.a}`)).text).toBe("2");
      expect((await apply({ b: "1" }, " --dry-run=server")).text).toBe(
        "configmap/settings serverside-applied (server dry run)",
      );
      expect((await apply({ b: "1" })).code).toBe(0);
      expect((await run(`get cm settings -n ${ns} -o jsonpath={.data}`)).text).toBe(
        '{"a":"2","b":"1"}',
      );
    },
    LIMIT_MS,
  );

  test(
    `${version} moves from its own apply to the server's`,
    async () => {
      const ns = await inNamespace("migration");
      expect((await run("apply -f -", settings(ns, { a: "1", b: "1" }))).text).toBe(
        "configmap/settings created",
      );
      expect((await run(`apply view-last-applied cm/settings -n ${ns} -o json`)).text).toContain(
        '"a": "1"',
      );
      const moved = await run("apply --server-side -f -", settings(ns, { a: "2" }));
      expect(moved).toEqual({ code: 0, text: "configmap/settings serverside-applied" });
      expect((await run(`get cm settings -n ${ns} -o jsonpath={.data.a}`)).text).toBe("2");
      expect((await run(`apply view-last-applied cm/settings -n ${ns} -o json`)).text).toContain(
        '"a": "2"',
      );
    },
    LIMIT_MS,
  );

  test(
    `${version} shows what would change, on either side`,
    async () => {
      const ns = await inNamespace("diff");
      await run("apply --server-side -f -", settings(ns, { a: "1" }));
      for (const side of ["diff", "diff --server-side"]) {
        const differs = await run(`${side} -f -`, settings(ns, { a: "2" }));
        expect(differs.code, side).toBe(1);
        expect(differs.text).toContain('-  a: "1"\n+  a: "2"');
      }
      const same = await run("diff --server-side -f -", settings(ns, { a: "1" }));
      expect(same).toEqual({ code: 0, text: "" });
      expect((await run(`get cm settings -n ${ns} -o jsonpath={.data.a}`)).text).toBe("1");
    },
    LIMIT_MS,
  );

  test(
    `${version} shows who manages what`,
    async () => {
      const ns = await inNamespace("managed");
      await run("apply --server-side -f -", settings(ns, { a: "1" }));
      // Until 1.21 it showed them unasked.
      const flag = kubectl.minor > 20 ? " --show-managed-fields" : "";
      const { text } = await run(`get cm settings -n ${ns} -o yaml${flag}`);
      expect(text).toContain("managedFields:");
      expect(text).toContain("operation: Apply");
      if (flag === "") return;
      expect((await run(`get cm settings -n ${ns} -o yaml`)).text).not.toContain("managedFields");
    },
    LIMIT_MS,
  );

  test(
    `${version} prunes what is applied no more`,
    async () => {
      const ns = await inNamespace("prune");
      const one = settings(ns, { a: "1" }, "one");
      const two = settings(ns, { a: "1" }, "two");
      const only = kubectl.minor < 26 ? "--prune-whitelist" : "--prune-allowlist";
      const prune = ` --prune ${only}=core/v1/ConfigMap -l set=all -n ${ns}`;
      const list = (...items: string[]) =>
        `{"apiVersion":"v1","kind":"List","items":[${items.join()}]}`;
      const both = await run(`apply${prune} -f -`, list(one, two));
      expect(both.code, both.text).toBe(0);
      const pruned = await run(`apply${prune} -f -`, one);
      expect(pruned.text).toContain("configmap/two pruned");
      expect((await run(`get cm -n ${ns} -l set=all -o name`)).text).toBe("configmap/one");
    },
    LIMIT_MS,
  );

  test(
    `${version} replaces by force`,
    async () => {
      const ns = await inNamespace("replace");
      await run("create -f -", settings(ns, { a: "1" }));
      const uid = async () =>
        (await run(`get cm settings -n ${ns} -o jsonpath={.metadata.uid}`)).text;
      const before = await uid();
      const { code, text } = await run("replace --force -f -", settings(ns, { a: "2" }));
      expect(code).toBe(0);
      expect(text).toContain("configmap/settings replaced");
      expect(await uid()).not.toBe(before);
      expect((await run(`get cm settings -n ${ns} -o jsonpath={.data.a}`)).text).toBe("2");
    },
    LIMIT_MS,
  );

  test(
    `${version} has its spelling checked`,
    async () => {
      const ns = await inNamespace("strict");
      const wrong = settings(ns, { a: "1" }).replace('"data"', '"date"');
      const applied = await run("apply --server-side -f -", wrong);
      expect(applied.code).toBe(1);
      expect(applied.text).toMatch(/field not declared in schema|unknown field "date"/);
      const created = await run("create -f -", wrong);
      expect(created.code).toBe(1);
      expect(created.text).toMatch(/unknown field "date"/);
    },
    LIMIT_MS,
  );
}

/** What is loaded only when somebody asks for it is there in the bundle too. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningKubeling, startKubeling } from "../support/kubeling-process.ts";

describe("kubeling up, bundled", () => {
  let kubeling: RunningKubeling;
  beforeAll(async () => {
    kubeling = await startKubeling();
  });
  afterAll(() => kubeling.remove());

  const get = (path: string, accept = "application/json") =>
    fetch(`http://127.0.0.1:${kubeling.port}${path}`, { headers: { accept } });

  test("tells its health", async () => {
    expect(await (await get("/healthz")).text()).toBe("ok");
  });

  test("counts its requests", async () => {
    await get("/api/v1/nodes");
    expect(await (await get("/metrics")).text()).toMatch(/apiserver_request_total\{verb="LIST"/);
  });

  test("writes and reads YAML", async () => {
    const written = await (await get("/api/v1/namespaces/default", "application/yaml")).text();
    expect(written).toMatch(/^kind: Namespace$/m);

    const created = await fetch(`http://127.0.0.1:${kubeling.port}/api/v1/namespaces`, {
      method: "POST",
      headers: { "content-type": "application/yaml" },
      body: "metadata:\n  name: room\n",
    });
    expect(created.status).toBe(201);
  });

  test.each(["/openapi/v2", "/openapi/v3"])("describes itself at %s", async (path) => {
    expect((await get(path)).status).toBe(200);
  });

  test("makes tables and applies patches", async () => {
    const table = await get("/api/v1/nodes", "application/json;as=Table;g=meta.k8s.io;v=v1");
    expect(await table.json()).toMatchObject({ kind: "Table", rows: [{}, {}] });

    const patched = await fetch(`http://127.0.0.1:${kubeling.port}/api/v1/nodes/node1`, {
      method: "PATCH",
      headers: { "content-type": "application/json-patch+json" },
      body: '[{"op":"add","path":"/metadata/labels/shelf","value":"top"}]',
    });
    expect(await patched.json()).toMatchObject({ metadata: { labels: { shelf: "top" } } });
  });
});

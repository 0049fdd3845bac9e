import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { probeHttp } from "../../src/apiserver/component-statuses.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serving(probes: Record<string, () => Promise<string>>) {
  const server = await startTestApiServer({ componentProbes: probes });
  ends.push(() => server.stop());
  return server.transport;
}

const PATH = "/api/v1/componentstatuses";

describe("the parts of the control plane", () => {
  test("are asked how they are when somebody wants to know", async () => {
    let message = "ok";
    const transport = await serving({
      scheduler: async () => message,
      "controller-manager": () => Promise.reject(new Error("connection refused")),
    });
    const { json, headers } = await ask(transport, "GET", PATH);
    expect(headers.warning).toEqual(['299 - "v1 ComponentStatus is deprecated in v1.19+"']);
    expect(json).toMatchObject({
      kind: "ComponentStatusList",
      items: [
        { metadata: { name: "scheduler" }, conditions: [{ type: "Healthy", status: "True" }] },
        {
          metadata: { name: "controller-manager" },
          conditions: [{ type: "Healthy", status: "False", message: "connection refused" }],
        },
        { metadata: { name: "etcd-0" }, conditions: [{ status: "True", message: "ok" }] },
      ],
    });
    message = "fine";
    expect((await ask(transport, "GET", `${PATH}/scheduler`)).json).toMatchObject({
      conditions: [{ message: "fine" }],
    });
  });

  test("cannot be written, and are no others", async () => {
    const transport = await serving({});
    expect((await ask(transport, "GET", `${PATH}/kubelet`)).status).toBe(404);
    const draft = { apiVersion: "v1", kind: "ComponentStatus", metadata: { name: "x" } };
    expect((await ask(transport, "POST", PATH, draft)).status).toBe(405);
  });

  test("are knocked at where they serve their health", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/healthz" ? 200 : 500;
      response.end(request.url === "/healthz" ? "ok" : "not well");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    await expect(probeHttp(`http://127.0.0.1:${port}/healthz`)).resolves.toBe("ok");
    await expect(probeHttp(`http://127.0.0.1:${port}/other`)).rejects.toThrow("not well");
  });
});

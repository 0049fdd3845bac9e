import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpTransport } from "../../src/client/http-transport.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

describe("a warning", () => {
  test("may quote any letters, also over a socket", async () => {
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    const { transport, close } = createHttpTransport(`http://127.0.0.1:${port}`);
    const map = { metadata: { name: "letters" }, "ä💥": 1 };
    const { status, headers } = await ask(transport, "POST", MAPS, map);
    close();
    expect(status).toBe(201);
    const told = Buffer.from([headers.warning].flat().join(), "latin1").toString();
    expect(told).toBe('299 - "unknown field \\"ä💥\\""');
  });

  test("is cut short where there are too many for a header", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `${"x".repeat(300)}${i}`);
    const map = Object.fromEntries(names.map((name) => [name, 1]));
    const { headers } = await ask(server.transport, "POST", MAPS, {
      ...map,
      metadata: { name: "many" },
    });
    const told = headers.warning as string[];
    expect(told).toHaveLength(16);
    expect(told[0]).toBe(`299 - "unknown field \\"${"x".repeat(256 - 15)}"`);
  });
});

describe("the figures of requests", () => {
  test("count what is not served as one, however it is called", async () => {
    for (let i = 0; i < 20; i++) {
      await ask(server.transport, "GET", `/apis/made${i}.up/v1/things`);
      await ask(server.transport, "GET", `/api/v1/namespaces/default/pods/a/part${i}`);
    }
    const { text } = await ask(server.transport, "GET", "/metrics");
    expect(text).not.toMatch(/made\d+\.up|part\d+/);
    expect(text).toContain(
      'apiserver_request_total{verb="GET",group="",version="",resource="",subresource="",code="404",component="apiserver"} 20',
    );
  });
});

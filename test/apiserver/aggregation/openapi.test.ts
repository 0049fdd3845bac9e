/** The types of a server behind this one: in our OpenAPI, for clients that look there for all that is served. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTwoServers } from "./server-behind.ts";

let servers: Awaited<ReturnType<typeof startTwoServers>>;

beforeAll(async () => {
  servers = await startTwoServers();
});
afterAll(() => servers.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  ask(servers.front.transport, "GET", path, undefined, headers);

describe("the types of a server behind this one", () => {
  const TYPE = "com.example.wardle.v1alpha1.Flunder";

  test("are in /openapi/v2, beside our own", async () => {
    const { json } = await get("/openapi/v2");
    expect(json.definitions[TYPE]).toMatchObject({
      description: "Flunder is a fish.",
      "x-kubernetes-group-version-kind": [
        { group: "wardle.example.com", kind: "Flunder", version: "v1alpha1" },
      ],
    });
    expect(json.paths).toHaveProperty(
      ["/apis/wardle.example.com/v1alpha1/namespaces/{namespace}/flunders"],
      expect.objectContaining({ post: expect.anything() }),
    );
    expect(json.paths).toHaveProperty(["/api/v1/namespaces/{namespace}/pods"]);
    expect(json.definitions).not.toHaveProperty(["io.k8s.api.core.v1.Pod_v2"]);
  });

  test("are in /openapi/v3, where the document is theirs", async () => {
    const { paths } = (await get("/openapi/v3")).json;
    const { serverRelativeURL } = paths["apis/wardle.example.com/v1alpha1"];
    expect(paths).toHaveProperty(["api/v1"]);

    const answer = await get(serverRelativeURL);

    expect(answer).toMatchObject({
      status: 200,
      headers: { "cache-control": "public, immutable, max-age=31536000" },
    });
    expect(answer.json.components.schemas).toHaveProperty([TYPE]);
    const etag = answer.headers.etag as string;
    const again = await get(serverRelativeURL, { "if-none-match": etag });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect(serverRelativeURL).toContain(etag.replaceAll('"', ""));
    expect((await get("/openapi/v3/apis/wardle.example.com/v2")).status).toBe(404);
  });
});

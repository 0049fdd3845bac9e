import { describe, expect, test } from "vitest";
import type { Kind } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { OpenApiHandler } from "../../../src/apiserver/openapi/openapi-handler.ts";

const handler = new OpenApiHandler(() => kinds);
const get = (path: string, headers: Record<string, string> = {}, from = handler) =>
  from.answer({ method: "GET", path, headers });
const PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

describe("/openapi/v2", () => {
  test.each([
    [undefined, "application/json"],
    ["*/*", "application/json"],
    [PROTOBUF, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"],
    [`${PROTOBUF}, application/json`, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"],
    [`${PROTOBUF};q=0.9, application/json`, "application/json"],
  ])("to who accepts %s is %s", (accept, type) => {
    const answer = get("/openapi/v2?timeout=32s", accept === undefined ? {} : { accept });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": type } });
  });

  test("is refused to who accepts neither", () => {
    expect(() => get("/openapi/v2", { accept: "text/html" })).toThrow(
      "only the following media types are accepted: application/json, ",
    );
  });

  test("is not sent again to who has it", () => {
    const { etag } = get("/openapi/v2")!.headers as { etag: string };
    expect(get("/openapi/v2", { "if-none-match": etag })).toMatchObject({
      status: 304,
      body: { chunks: [] },
    });
    expect(get("/openapi/v2", { "if-none-match": '"old"' })).toMatchObject({ status: 200 });
  });
});

describe("/openapi/v3", () => {
  const index = JSON.parse(bytesOf(get("/openapi/v3")!)) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };

  test("lists a document for each group and version, which may be kept for good", () => {
    for (const { serverRelativeURL } of Object.values(index.paths)) {
      expect(get(serverRelativeURL)).toMatchObject({
        status: 200,
        headers: { "cache-control": "public, immutable, max-age=31536000" },
      });
    }
    expect(Object.keys(index.paths)).toContain("api/v1");
  });

  test("redirects from an old hash to the new one", () => {
    expect(get("/openapi/v3/api/v1?hash=OLD")).toMatchObject({
      status: 301,
      headers: { location: index.paths["api/v1"]!.serverRelativeURL },
    });
  });

  test("knows no other paths", () => {
    expect(get("/openapi/v3/apis/nothing/v1")).toBeUndefined();
    expect(get("/openapi/v4")).toBeUndefined();
  });

  test("is written anew when there are other kinds", () => {
    let served: readonly Kind[] = kinds.filter(({ group }) => group === "");
    const changing = new OpenApiHandler(() => served);
    expect(get("/openapi/v3/apis/coordination.k8s.io/v1", {}, changing)).toBeUndefined();
    served = kinds;
    expect(get("/openapi/v3/apis/coordination.k8s.io/v1", {}, changing)).toBeDefined();
  });
});

function bytesOf(answer: { body: { type: string; chunks?: readonly Uint8Array[] } }): string {
  return Buffer.concat(answer.body.chunks ?? []).toString();
}

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { ask, turns } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const create = (name: string, app = "web") =>
  server.client.create(ConfigMap, "default", { metadata: { name, labels: { app } } });
const list = (query = "") => ask(server.transport, "GET", MAPS + query);
const namesOf = (json: { items: { metadata: { name: string } }[] }) =>
  json.items.map(({ metadata }) => metadata.name);

async function createMany(count: number) {
  const names = Array.from({ length: count }, (_, i) => `m${String(i).padStart(3, "0")}`);
  for (const [i, name] of names.entries()) await create(name, i % 3 === 0 ? "web" : "db");
  return names;
}

describe("a list", () => {
  test("in pages shows one moment, however much is written meanwhile", async () => {
    const names = await createMany(7);
    const first = (await list("?limit=3")).json;
    expect(first.metadata.remainingItemCount).toBe(4);
    await server.client.delete(ConfigMap, "default", "m005");
    await create("m0035");

    const second = (await list(`?limit=3&continue=${first.metadata.continue}`)).json;
    const third = (await list(`?limit=3&continue=${second.metadata.continue}`)).json;

    expect([first, second, third].flatMap(namesOf)).toEqual(names);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(third.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  });

  test("in pages of any size is the list, with any selector", async () => {
    await createMany(25);
    const selectors = ["", "app=web", "app=db", "app=none", "app in (web,db)"];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(...selectors),
        async (limit, selector) => {
          const query = `labelSelector=${encodeURIComponent(selector)}`;
          const whole = (await list(`?${query}`)).json;
          const paged: string[] = [];
          let token = "";
          do {
            const page = (await list(`?${query}&limit=${limit}&continue=${token}`)).json;
            expect(page.items.length).toBeLessThanOrEqual(limit);
            paged.push(...namesOf(page));
            token = page.metadata.continue ?? "";
          } while (token !== "");
          expect(paged).toEqual(namesOf(whole));
        },
      ),
    );
  });

  test("that goes on after a compaction is told 410, and how to go on all the same", async () => {
    await createMany(6);
    const first = (await list("?limit=2")).json;
    await create("n");
    await server.store.compact(await server.store.revision());

    const late = await list(`?limit=2&continue=${first.metadata.continue}`);

    expect(late.json).toMatchObject({ code: 410, reason: "Expired" });
    expect(late.json.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    const onward = (await list(`?limit=10&continue=${late.json.metadata.continue}`)).json;
    expect(namesOf(onward)).toEqual(["m002", "m003", "m004", "m005", "n"]);
  });

  test("at an exact version shows the past", async () => {
    const { metadata } = await create("a");
    await create("b");
    const past = await list(
      `?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    );
    expect(namesOf(past.json)).toEqual(["a"]);
    expect(past.json.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("at a version that is compacted is gone", async () => {
    const { metadata } = await create("a");
    await create("b");
    await server.store.compact(await server.store.revision());
    const past = await list(
      `?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    );
    expect(past.json).toMatchObject({
      code: 410,
      reason: "Expired",
      message: "The resourceVersion for the provided list is too old.",
    });
  });

  test("not older than a version that has not come yet waits three seconds for it", async () => {
    const asking = list("?resourceVersion=1000&resourceVersionMatch=NotOlderThan");
    await turns();
    server.clock.advance(3_000);
    const answer = await asking;
    expect(answer.json).toMatchObject({ code: 504, reason: "Timeout" });
    expect(answer.json.message).toMatch(
      /^Timeout: Too large resource version: 1000, current: \d+$/,
    );
    expect(answer.headers["retry-after"]).toBe("1");
  });

  test("of all namespaces has them all", async () => {
    await create("a");
    await server.client.create(ConfigMap, "kube-system", { metadata: { name: "b" } });
    const { json } = await ask(server.transport, "GET", "/api/v1/configmaps");
    expect(namesOf(json)).toEqual(["a", "b"]);
  });

  test.each(["", "?pretty=true"])("says the kind once, and not with each item%s", async (query) => {
    await createMany(3);
    const { json } = await list(query);
    expect(json).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
    expect(json.items.flatMap(Object.keys)).not.toContain("kind");
    expect(json.items.flatMap(Object.keys)).not.toContain("apiVersion");
    expect(namesOf(json)).toEqual(["m000", "m001", "m002"]);
  });

  test("as metadata has no more than that", async () => {
    await server.client.create(ConfigMap, "default", { metadata: { name: "a" }, data: { k: "v" } });
    const accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    const { json } = await ask(server.transport, "GET", MAPS, undefined, { accept });
    expect(json.kind).toBe("PartialObjectMetadataList");
    expect(json.items).toEqual([
      {
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: expect.objectContaining({ name: "a" }),
      },
    ]);
  });

  test.each([
    [
      "?resourceVersionMatch=Exact",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      "?resourceVersionMatch=Exact&resourceVersion=0",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      "?continue=%00",
      /^invalid continue token: continue key is not valid: illegal base64 data at input byte 0$/,
    ],
  ])("refuses %s", async (query, message) => {
    const { json } = await list(query);
    expect(json.message).toMatch(message);
  });
});

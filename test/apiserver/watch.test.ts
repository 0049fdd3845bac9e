import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import type { Draft } from "../../src/client/client.ts";
import { ask, openWatch, turns } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const MINUTE_MS = 60_000;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const map = (name: string, labels: Record<string, string> = {}): Draft<ConfigMap> => ({
  metadata: { name, labels },
});
const create = (name: string, labels?: Record<string, string>) =>
  server.client.create(ConfigMap, "default", map(name, labels));
const label = (name: string, labels: Record<string, string | null>) =>
  server.client.patch(ConfigMap, "default", name, { metadata: { labels } }, { type: "merge" });
const watch = (query: string) => openWatch(server.transport, `${MAPS}?watch=1${query}`);
const told = ({ events }: { events: { type: string; object: { metadata: { name: string } } }[] }) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

describe("a watch", () => {
  test("without a version begins with what is there", async () => {
    await create("a");
    const watching = await watch("");
    await create("b");
    await turns();
    expect(told(watching)).toEqual(["ADDED a", "ADDED b"]);
  });

  test("from a version tells exactly what came after it", async () => {
    const { metadata } = await create("a");
    await create("b");
    const watching = await watch(`&resourceVersion=${metadata.resourceVersion}`);
    await server.client.delete(ConfigMap, "default", "a");
    await turns();
    expect(told(watching)).toEqual(["ADDED b", "DELETED a"]);
  });

  test("sends every watcher the very bytes a GET gives", async () => {
    const watching = await watch("&resourceVersion=0");
    await create("a");
    await turns();
    const { text } = await ask(server.transport, "GET", `${MAPS}/a`);
    expect(watching.lines).toEqual([`{"type":"ADDED","object":${text.trimEnd()}}`]);
  });

  test("is told what was written at one time in the order of revisions, its namespace alone", async () => {
    const everywhere = await openWatch(
      server.transport,
      "/api/v1/configmaps?watch=1&resourceVersion=0",
    );
    const [here, too] = [await watch("&resourceVersion=0"), await watch("&resourceVersion=0")];
    await turns();
    const mine = await Promise.all(["a", "b", "c"].map((name) => create(name)));
    await Promise.all([
      server.client.create(ConfigMap, "kube-system", map("other")),
      ...mine.map(({ metadata }) => label(metadata.name, { app: "web" })),
    ]);
    await turns();

    const versions = here.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(told(here).slice(0, 3)).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
    expect(told(here).slice(3).sort()).toEqual(["MODIFIED a", "MODIFIED b", "MODIFIED c"]);
    expect(too.lines).toEqual(here.lines);
    expect(told(everywhere)).toContain("ADDED other");
    expect(everywhere.events).toHaveLength(7);
  });

  test("with a selector sees objects come and go as their labels change", async () => {
    const watching = await watch("&resourceVersion=0&labelSelector=app%3Dweb");
    await create("a");
    await label("a", { app: "web" });
    await label("a", { tier: "front" });
    await label("a", { app: "db" });
    await label("a", { app: "web" });
    await server.client.delete(ConfigMap, "default", "a");
    await turns();
    expect(told(watching)).toEqual(["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"]);
    const left = watching.events[2]!.object.metadata;
    expect(left.labels).toEqual({ app: "web", tier: "front" });
    expect(Number(left.resourceVersion)).toBeGreaterThan(
      Number(watching.events[1]!.object.metadata.resourceVersion),
    );
  });

  test("of one name, by field selector, sees that one alone", async () => {
    const watching = await watch("&resourceVersion=0&fieldSelector=metadata.name%3Db");
    await create("a");
    await create("b");
    await turns();
    expect(told(watching)).toEqual(["ADDED b"]);
  });

  test("under the old path is the same", async () => {
    await create("a");
    const path = "/api/v1/watch/namespaces/default/configmaps/a";
    const watching = await openWatch(server.transport, path);
    await create("b");
    await turns();
    expect(told(watching)).toEqual(["ADDED a"]);
  });

  test("from too long ago is told 410 and ended", async () => {
    for (let i = 0; i < 150; i++) {
      await label((await create(`m${i}`)).metadata.name, { app: "web" });
    }
    server.clock.advance(2 * MINUTE_MS);
    const watching = await watch("&resourceVersion=1");
    expect(watching.events).toEqual([
      {
        type: "ERROR",
        object: expect.objectContaining({
          kind: "Status",
          code: 410,
          reason: "Expired",
          message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/),
        }),
      },
    ]);
    expect(watching.hasEnded).toBe(true);
  });

  test("that asks for bookmarks gets one every minute", async () => {
    const watching = await watch("&resourceVersion=0&allowWatchBookmarks=true");
    const { metadata } = await create("a");
    await turns();
    server.clock.advance(MINUTE_MS);
    expect(watching.events.at(-1)).toEqual({
      type: "BOOKMARK",
      object: {
        kind: "ConfigMap",
        apiVersion: "v1",
        metadata: { resourceVersion: metadata.resourceVersion, creationTimestamp: null },
      },
    });
  });

  test("that asks for initial events is told where they end", async () => {
    const { metadata } = await create("a");
    const watching = await watch(
      "&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan",
    );
    expect(told({ events: watching.events.slice(0, 1) as never })).toEqual(["ADDED a"]);
    expect(watching.events[1]).toMatchObject({
      type: "BOOKMARK",
      object: {
        metadata: {
          resourceVersion: metadata.resourceVersion,
          annotations: { "k8s.io/initial-events-end": "true" },
        },
      },
    });
  });

  test("ends after its timeout", async () => {
    const watching = await watch("&timeoutSeconds=10");
    server.clock.advance(9_999);
    expect(watching.hasEnded).toBe(false);
    server.clock.advance(1);
    expect(watching.hasEnded).toBe(true);
  });

  test("is ended, and not buffered without limit, when nobody takes what it sends", async () => {
    const watching = await watch("&resourceVersion=0");
    await create("a");
    await turns();
    watching.stall();
    for (let i = 0; i < 10_050 && !watching.hasEnded; i++) await label("a", { i: String(i) });
    expect(watching.hasEnded).toBe(true);
  });

  test("ends when the server stops", async () => {
    const watching = await watch("");
    await server.stop();
    expect(watching.hasEnded).toBe(true);
  });

  test("as a table has the columns in its first row alone", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const watching = await openWatch(server.transport, `${MAPS}?watch=1&resourceVersion=0`, {
      accept,
    });
    await create("a");
    await create("b");
    await turns();
    // biome-ignore lint/suspicious/noExplicitAny: a Table is no KubeObject.
    const tables = watching.events.map(({ object }) => object as any);
    expect(tables.map(({ kind }) => kind)).toEqual(["Table", "Table"]);
    expect(tables[0].columnDefinitions.map((one: { name: string }) => one.name)).toEqual([
      "Name",
      "Data",
      "Age",
    ]);
    expect(tables[1].columnDefinitions).toBeNull();
    expect(tables[1].rows[0].cells).toEqual(["b", 0, "0s"]);
  });

  test("as PartialObjectMetadata has the metadata alone", async () => {
    await create("a", { app: "web" });
    const accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    const watching = await openWatch(server.transport, `${MAPS}?watch=1`, { accept });
    await server.client.delete(ConfigMap, "default", "a");
    await eventually(() => expect(told(watching)).toEqual(["ADDED a", "DELETED a"]));
    for (const { object } of watching.events) {
      expect(object).toEqual({
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: expect.objectContaining({ name: "a", labels: { app: "web" } }),
      });
    }
    watching.close();
  });

  test("refuses contradictions in Kubernetes' words", async () => {
    const refused = (query: string) =>
      watch(query).then(
        () => "accepted",
        (error: Error) => JSON.parse(error.message).message,
      );
    expect(await refused("&resourceVersionMatch=Exact&resourceVersion=5")).toBe(
      'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    );
    expect(await refused("&resourceVersion=abc")).toBe(
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    );
  });
});

/** One step of a history: an object is created, relabelled or deleted. */
const step = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  app: fc.constantFrom("web", "db", "none", "deleted"),
});

describe("whatever happens", () => {
  test("a watcher from any version ends up with what a list shows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat(20), async (steps, skipped) => {
        await server.client.deleteCollection(ConfigMap, { namespace: "default" });
        const start = await server.client.list(ConfigMap, { namespace: "default" });
        const versions = [start.metadata.resourceVersion];
        const shown: Map<string, string>[] = [await shownNow()];
        for (const one of steps) {
          await take(one);
          const list = await server.client.list(ConfigMap, { namespace: "default" });
          versions.push(list.metadata.resourceVersion);
          shown.push(await shownNow());
        }
        const from = Math.min(skipped, steps.length);
        const watching = await watch(`&resourceVersion=${versions[from]}&labelSelector=app%3Dweb`);
        await turns(3);
        const seen = new Map(shown[from]);
        for (const { type, object } of watching.events) {
          const { name, resourceVersion } = object.metadata;
          expect(type === "ADDED").toBe(!seen.has(name));
          if (type === "DELETED") seen.delete(name);
          else seen.set(name, resourceVersion!);
        }
        expect(seen).toEqual(shown.at(-1));
        watching.close();
      }),
      { numRuns: 60 },
    );
  });

  async function shownNow(): Promise<Map<string, string>> {
    const options = { namespace: "default", labelSelector: "app=web" };
    const { items } = await server.client.list(ConfigMap, options);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion!]));
  }

  async function take({ name, app }: { name: string; app: string }): Promise<void> {
    const { items } = await server.client.list(ConfigMap, { namespace: "default" });
    const isThere = items.some(({ metadata }) => metadata.name === name);
    if (app === "deleted") {
      if (isThere) await server.client.delete(ConfigMap, "default", name);
    } else if (isThere) {
      await label(name, { app });
    } else {
      await create(name, { app });
    }
  }
});

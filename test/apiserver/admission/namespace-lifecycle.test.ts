/** NamespaceLifecycle believes its cache when it says "yes", and asks the store where it may be late. */
import { describe, expect, test } from "vitest";
import { ConfigMap } from "../../../src/api/config-map.ts";
import { storageKey } from "../../../src/api/kind.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import type { AdmissionRequest } from "../../../src/apiserver/admission/admission.ts";
import { namespaceLifecycle } from "../../../src/apiserver/admission/namespace-lifecycle.ts";
import { openMemoryStore } from "../../../src/apiserver/storage/embedded-store.ts";
import type { Store, WatchHandler } from "../../../src/apiserver/storage/store.ts";
import { WatchCache } from "../../../src/apiserver/storage/watch-cache.ts";
import { silentLog } from "../../../src/component/log.ts";
import { TestClock } from "../../support/test-clock.ts";

const ROOM = storageKey(Namespace, "", "room");

describe("NamespaceLifecycle with a cache that is late", () => {
  test("lets in what goes to a namespace that is only in the store yet", async () => {
    const { store, plugin } = await start();
    await store.create(ROOM, bytesOf({}));

    await expect(plugin.admit(createIn("room"))).resolves.toBeUndefined();
  });

  test("refuses what goes to a namespace that is nowhere", async () => {
    const { plugin } = await start();

    await expect(plugin.admit(createIn("room"))).rejects.toThrow('namespaces "room" not found');
  });

  test("refuses what comes after a delete the cache has not seen", async () => {
    const { store, plugin, letCacheCatchUp } = await start();
    const { revision } = await created(store);
    letCacheCatchUp();
    await plugin.admit({ ...createIn(""), verb: "delete", kind: Namespace, name: "room" });
    await store.update(ROOM, bytesOf({ deletionTimestamp: "2024-05-01T10:00:00Z" }), revision);

    await expect(plugin.admit(createIn("room"))).rejects.toThrow(
      'configmaps "late" is forbidden: unable to create new content in namespace room because it is being terminated',
    );
  });

  test("asks nobody but the cache where that knows the namespace", async () => {
    const { store, plugin, letCacheCatchUp } = await start();
    await created(store);
    letCacheCatchUp();
    await store.close();

    await expect(plugin.admit(createIn("room"))).resolves.toBeUndefined();
  });

  test("believes its cache again half a minute after a delete that came to nothing", async () => {
    const { store, plugin, clock, letCacheCatchUp } = await start();
    await created(store);
    letCacheCatchUp();
    await plugin.admit({ ...createIn(""), verb: "delete", kind: Namespace, name: "room" });
    await store.close();

    await expect(plugin.admit(createIn("room"))).rejects.toThrow("the store is closed");
    await clock.advance(31_000);
    await expect(plugin.admit(createIn("room"))).resolves.toBeUndefined();
  });
});

/** The cache sees what happens in the store when it is let. */
async function start() {
  const clock = new TestClock();
  const store = openMemoryStore({ log: silentLog });
  const held: (() => void)[] = [];
  const late: Store = Object.create(store, {
    watch: {
      value: (prefix: string, from: number, handler: WatchHandler) =>
        store.watch(prefix, from, {
          onEvents: (...news) => void held.push(() => handler.onEvents(...news)),
          onError: (error) => handler.onError(error),
        }),
    },
    list: { value: store.list.bind(store) },
    revision: { value: store.revision.bind(store) },
  });
  const cache = await WatchCache.start(late, [storageKey(Namespace)], { clock, log: silentLog });
  const plugin = namespaceLifecycle({ store, cache, clock });
  const letCacheCatchUp = () => {
    for (const deliver of held.splice(0)) deliver();
  };
  return { clock, store, plugin, letCacheCatchUp };
}

async function created(store: Store) {
  const result = await store.create(ROOM, bytesOf({}));
  if (!result.succeeded) throw new Error("it was there already");
  return result;
}

function bytesOf(more: object): Buffer {
  const metadata = { name: "room", ...more };
  return Buffer.from(JSON.stringify({ kind: "Namespace", apiVersion: "v1", metadata }));
}

function createIn(namespace: string): AdmissionRequest {
  return {
    verb: "create",
    kind: ConfigMap,
    namespace,
    name: "late",
    subresource: "",
    user: { name: "ada", groups: [] },
    isDryRun: false,
    warn: () => undefined,
    onFailure: () => undefined,
  };
}

/** Whatever is written, cut, compacted and restarted: a watcher is told the store's history, and nothing else. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import { openEtcdStore } from "../../src/apiserver/storage/etcd-store.ts";
import type { Store } from "../../src/apiserver/storage/store.ts";
import { pathOf } from "../../src/client/client.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/needs.ts";
import { RecordedWatch } from "./storage/recorded-watch.ts";
import { WatchFollower } from "./watch-follower.ts";

type Step =
  | { do: "write"; name: string; app: string }
  | { do: "cut" | "resume"; who: number }
  | { do: "restart" };

/** A version of an object; no app: it is gone. */
interface Change {
  revision: number;
  name: string;
  app: string | undefined;
}

const write = fc.record({
  do: fc.constant("write" as const),
  name: fc.constantFrom("a", "b", "c"),
  app: fc.constantFrom("web", "web", "db", "gone"),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: write },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("cut", "resume"), who: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

const isChosen = (app: string | undefined, selector: string) =>
  app !== undefined && (selector === "" || app === "web");

/** What the history looks like through a selector: state after `until`, and the events of (from, until]. */
function seenThrough(history: readonly Change[], selector: string, from: number, until: number) {
  const apps = new Map<string, string | undefined>();
  const start = new Map<string, number>();
  const events: string[] = [];
  for (const { revision, name, app } of history.filter((one) => one.revision <= until)) {
    const was = isChosen(apps.get(name), selector);
    const is = isChosen(app, selector);
    apps.set(name, app);
    if (revision > from) {
      const type = !was ? "ADDED" : is ? "MODIFIED" : "DELETED";
      if (was || is) events.push(`${type} ${name} ${revision}`);
    } else if (is) start.set(name, revision);
    else start.delete(name);
  }
  return { start, events };
}

function historyTests(storeOf: () => Store, runs: number, seed: number): void {
  let count = 0;
  let restarts = 0;

  test("every watcher is told exactly the history, through cuts, compactions and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 15, maxLength: 40, size: "max" }),
        async (steps) => {
          const run = await Run.start(storeOf(), `run-${count++}`);
          for (const one of steps) await run.take(one);
          await run.check();
          restarts += run.restarts;
          await run.stop();
        },
      ),
      { numRuns: runs, seed },
    );
    // The property would say nothing of compaction if nobody had ever come too late.
    expect(restarts).toBeGreaterThan(0);
  });
}

class Run {
  readonly #store: Store;
  readonly #namespace: string;
  readonly #history: Change[] = [];
  readonly #selectors = ["", "app=web", "", "app=web"];
  readonly #followers: WatchFollower[];
  readonly #isCut = [true, true, true, true];
  /** What is written, straight from the store: a server writes other things besides, whenever it likes. */
  readonly #written: RecordedWatch;
  #server: Awaited<ReturnType<typeof startTestApiServer>>;
  #compacted = 0;

  static async start(store: Store, namespace: string): Promise<Run> {
    const server = await startTestApiServer({ store, clock: systemClock });
    await server.client.create(Namespace, "", { metadata: { name: namespace }, spec: {} });
    return new Run(store, namespace, server, (await store.revision()) + 1);
  }

  private constructor(
    store: Store,
    namespace: string,
    server: Awaited<ReturnType<typeof startTestApiServer>>,
    from: number,
  ) {
    this.#store = store;
    this.#namespace = namespace;
    this.#server = server;
    const path = pathOf(ConfigMap, namespace);
    this.#written = new RecordedWatch(store, `/registry/configmaps/${namespace}/`, from);
    this.#followers = this.#selectors.map((one, i) => new WatchFollower(path, one, i > 1));
  }

  async take(step: Step): Promise<void> {
    if (step.do === "write") await this.#write(step.name, step.app);
    else if (step.do === "restart") await this.#restart();
    else if (step.do === "cut") this.#cut(step.who);
    else await this.#resume(step.who);
  }

  async #write(name: string, app: string): Promise<void> {
    const { client } = this.#server;
    const before = this.#history.findLast((one) => one.name === name)?.app;
    if (app === "gone" && before === undefined) return;
    if (app === "gone") await client.delete(ConfigMap, this.#namespace, name);
    else if (before === undefined) {
      await client.create(ConfigMap, this.#namespace, { metadata: { name, labels: { app } } });
    } else {
      const labels = { app, change: String(this.#history.length) };
      await client.patch(
        ConfigMap,
        this.#namespace,
        name,
        { metadata: { labels } },
        { type: "merge" },
      );
    }
    await this.#written.received(this.#history.length + 1);
    const revision = this.#written.events.at(-1)!.modRevision;
    this.#history.push({ revision, name, app: app === "gone" ? undefined : app });
  }

  /** The new server remembers nothing of what was, and the store no longer has it. */
  async #restart(): Promise<void> {
    for (const who of this.#followers.keys()) this.#cut(who);
    await this.#server.stop();
    const revision = await this.#store.revision();
    if (revision > this.#compacted) await this.#store.compact(revision);
    this.#compacted = revision;
    this.#server = await startTestApiServer({ store: this.#store, clock: systemClock });
  }

  #cut(who: number): void {
    this.#followers[who]!.cut();
    this.#isCut[who] = true;
  }

  async #resume(who: number): Promise<void> {
    if (!this.#isCut[who]) return;
    await this.#followers[who]!.resume(this.#server.transport);
    this.#isCut[who] = false;
  }

  async check(): Promise<void> {
    for (const [who, follower] of this.#followers.entries()) {
      await this.#resume(who);
      const selector = this.#selectors[who]!;
      const all = seenThrough(this.#history, selector, 0, Infinity).events;
      await follower.caughtUp(Number(all.at(-1)?.split(" ")[2] ?? 0));
      for (const { from, start, events, to } of follower.stretches) {
        expect({ start, events }).toEqual(seenThrough(this.#history, selector, from, to));
      }
    }
  }

  /** How often a follower was told that its version is too old. */
  get restarts(): number {
    return this.#followers.reduce((sum, { stretches }) => sum + stretches.length - 1, 0);
  }

  async stop(): Promise<void> {
    for (const follower of this.#followers) follower.cut();
    this.#written.stop();
    await this.#server.stop();
  }
}

describeWith([], "on the embedded store", () => {
  let store: Store;
  beforeAll(() => {
    store = openMemoryStore({ log: silentLog });
  });
  afterAll(() => store.close());
  historyTests(() => store, 40, 7);
});

describeWith(["etcd"], "on etcd", () => {
  let etcd: TestEtcd;
  let store: Store;
  beforeAll(async () => {
    etcd = await startEtcd();
    const { endpoints } = etcd;
    store = await openEtcdStore({ endpoints, clock: systemClock, log: silentLog });
  });
  afterAll(async () => {
    await store?.close();
    await etcd?.stop();
  });
  historyTests(() => store, 15, 7);
});

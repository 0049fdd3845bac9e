import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notFound } from "../../src/api/errors.ts";
import { Event } from "../../src/api/event.ts";
import type { KubeObject } from "../../src/api/kind.ts";
import { controllerRef } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Client } from "../../src/client/client.ts";
import { type Controller, runController } from "../../src/client/control-loop.ts";
import { createInformers } from "../../src/client/informer.ts";
import type { Log } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { TestClock } from "../support/test-clock.ts";
import { failure, SmallServer } from "./small-server.ts";

type RC = ReplicationController;

const RCS = "/api/v1/namespaces/default/replicationcontrollers";
const PODS = "/api/v1/namespaces/default/pods";

let server: SmallServer;
let clock: TestClock;
let lifetime: AbortController;
let logged: string[];

beforeEach(() => {
  server = new SmallServer();
  clock = new TestClock();
  lifetime = new AbortController();
  logged = [];
});
afterEach(() => lifetime.abort());

async function run(sync: Controller<RC>["sync"], more: Partial<Controller<RC>> = {}) {
  const client = new Client(server.transport);
  const context = {
    client,
    clock,
    random: seededRandom(1),
    log: listeningLog(),
    signal: lifetime.signal,
  };
  const informers = createInformers(context);
  const controller = {
    name: "test-controller",
    watches: ReplicationController,
    owns: [Pod],
    sync,
    ...more,
  };
  const running = await runController(controller, { ...context, informers });
  await turns(5);
  return running;
}

describe("the control loop", () => {
  test("syncs each object there is, and each that comes, changes or goes", async () => {
    server.put(`${RCS}/a`, rc());
    const synced: string[] = [];
    await run(async (obj, key) => void synced.push(`${key} ${obj ? "here" : "gone"}`));
    server.put(`${RCS}/b`, rc());
    await turns(3);
    server.delete(`${RCS}/a`);
    await turns(3);

    expect(synced).toEqual(["default/a here", "default/b here", "default/a gone"]);
  });

  test("wakes the owner of what changes, and both owners of what changes hands", async () => {
    const a = server.put(`${RCS}/a`, rc());
    const b = server.put(`${RCS}/b`, rc());
    server.put(`${PODS}/pod`, ownedBy(a));
    const synced: string[] = [];
    await run(async (_, key) => void synced.push(key));
    synced.length = 0;
    server.put(`${PODS}/pod`, ownedBy(b));
    await turns(3);
    expect(synced.sort()).toEqual(["default/a", "default/b"]);
  });

  test("wakes no one for an owner of another group with the same kind", async () => {
    const other = { ...server.put(`${RCS}/a`, rc()), apiVersion: "example.com/v1" };
    const synced: string[] = [];
    await run(async (_, key) => void synced.push(key));
    synced.length = 0;
    server.put(`${PODS}/pod`, ownedBy(other));
    await turns(3);

    expect(synced).toEqual([]);
  });

  test("reads its own writes: makes one pod, however late the watch tells of it", async () => {
    server.put(`${RCS}/a`, rc());
    await run(async (obj, _, { client, cached }) => {
      if (cached(Pod).by("owner", obj!.metadata.uid!).length > 0) return;
      server.isSilent = true;
      await client.create(Pod, "default", ownedBy(obj!, "a-") as never);
      server.isSilent = false;
    });
    for (let change = 0; change < 5; change++) {
      server.put(`${RCS}/a`, rc());
      await turns(5);
    }
    expect(pods()).toHaveLength(1);

    server.cut();
    await turns(10);
    expect(pods()).toHaveLength(1);
  });

  test("reads its own deletions", async () => {
    const owner = server.put(`${RCS}/a`, rc());
    server.put(`${PODS}/one`, ownedBy(owner));
    server.put(`${PODS}/two`, ownedBy(owner));
    await run(async (obj, _, { client, cached }) => {
      const [first] = cached(Pod).by("owner", obj!.metadata.uid!);
      if (cached(Pod).list().length < 2) return;
      server.isSilent = true;
      await client.delete(Pod, "default", first!.metadata.name);
      server.isSilent = false;
    });
    for (let change = 0; change < 5; change++) {
      server.put(`${RCS}/a`, rc());
      await turns(5);
    }
    expect(pods()).toHaveLength(1);
  });

  test("goes on when what it wrote is deleted and made again before it is seen", async () => {
    server.put(`${RCS}/a`, rc());
    let syncs = 0;
    const running = await run(async (obj, _, { client, cached }) => {
      syncs++;
      if (cached(Pod).list().length > 0) return;
      server.isSilent = true;
      await client.create(Pod, "default", { ...ownedBy(obj!), metadata: { name: "x" } } as never);
      server.delete(`${PODS}/x`);
      server.put(`${PODS}/x`, ownedBy(obj!));
      server.isSilent = false;
    });
    expect(running.idle).toBe(false);
    server.cut();
    await turns(10);

    expect(running.idle).toBe(true);
    expect(syncs).toBeGreaterThan(1);
  });

  test("waits for its writes for five minutes, and not for ever", async () => {
    server.put(`${RCS}/a`, rc());
    let syncs = 0;
    await run(async (obj, _, { client }) => {
      if (++syncs > 1) return;
      server.isSilent = true;
      await client.create(Pod, "default", ownedBy(obj!, "a-") as never);
    });
    server.isSilent = false;
    server.put(`${RCS}/a`, rc());
    await turns(5);
    expect(syncs).toBe(1);

    clock.advance(300_000);
    await turns(5);
    expect(syncs).toBe(2);
    expect(logged).toContainEqual(expect.stringMatching(/^W The cache does not show/));
  });

  test("tries again after 5, 10, 20 ms, and tells an API error in a line", async () => {
    server.put(`${RCS}/a`, rc());
    const atMs: number[] = [];
    await run(async () => {
      atMs.push(clock.monotonicMs());
      if (atMs.length < 4) throw notFound(Pod, "x");
    });
    for (let ms = 0; ms < 50; ms++) {
      clock.advance(1);
      await turns(2);
    }
    expect(atMs).toEqual([0, 5, 15, 35]);
    expect(logged).toContainEqual('W Error syncing: pods "x" not found');
  });

  test("survives a bug, logs its stack, and syncs the others", async () => {
    server.put(`${RCS}/a`, rc());
    server.put(`${RCS}/b`, rc());
    const synced: string[] = [];
    await run(async (_, key) => {
      if (key === "default/a") throw new TypeError("a is not a function");
      synced.push(key);
    });
    expect(synced).toEqual(["default/b"]);
    expect(logged).toContainEqual(expect.stringMatching(/^E Error syncing TypeError: a is not/));
  });

  test("says nothing of a conflict, and tries again", async () => {
    server.put(`${RCS}/a`, rc());
    server.fault = ({ method }) => (method === "PUT" ? failure(409, "Conflict") : undefined);
    let isStored = false;
    await run(async (obj, _, { client }) => {
      await client.update(ReplicationController, obj!);
      isStored = true;
    });
    server.fault = undefined;
    clock.advance(5);
    await turns(5);

    expect(isStored).toBe(true);
    expect(logged.filter((line) => !line.startsWith("I"))).toEqual([]);
  });

  test("comes back when sync asks for it", async () => {
    server.put(`${RCS}/a`, rc());
    let syncs = 0;
    await run(async () => {
      syncs++;
      return { againInMs: 1_000 };
    });
    clock.advance(999);
    await turns(3);
    expect(syncs).toBe(1);
    clock.advance(1);
    await turns(3);
    expect(syncs).toBe(2);
  });

  test("can be paused, stepped and resumed", async () => {
    const synced: string[] = [];
    const { queue } = await run(async (_, key) => void synced.push(key));
    queue.pause();
    for (const name of ["a", "b", "c"]) server.put(`${RCS}/${name}`, rc());
    await turns(3);
    expect(synced).toEqual([]);
    queue.step();
    await turns(3);
    expect(synced).toEqual(["default/a"]);
    queue.resume();
    await turns(3);
    expect(synced).toEqual(["default/a", "default/b", "default/c"]);
  });

  test("refuses to read what it did not say it reads", async () => {
    server.put(`${RCS}/a`, rc());
    await run(async (_obj, _key, { cached }) => void cached(Event));

    expect(logged.join()).toContain("test-controller did not say that it reads Event");
  });

  test("stops with its signal", async () => {
    let syncs = 0;
    const { queue } = await run(async () => void syncs++);
    lifetime.abort();
    queue.add("default/a");
    clock.advance(3_600_000);
    await turns(5);

    expect(syncs).toBe(0);
    expect(await queue.take()).toBeUndefined();
  });
});

function rc() {
  return { metadata: {}, spec: { template: { spec: { containers: [] } } } };
}

function ownedBy(owner: KubeObject, generateName?: string) {
  const typed = { ...owner, apiVersion: owner.apiVersion ?? "v1", kind: "ReplicationController" };
  return {
    metadata: { generateName, ownerReferences: [controllerRef(typed)] },
    spec: { containers: [] },
  };
}

const pods = () => server.objects().filter(({ metadata }) => metadata.ownerReferences);

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function listeningLog(): Log {
  return {
    info: (message) => void logged.push(`I ${message}`),
    warn: (message) => void logged.push(`W ${message}`),
    error: (message, error) => void logged.push(`E ${message} ${(error as Error).stack}`),
    named: () => listeningLog(),
  };
}

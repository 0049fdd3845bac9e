import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lease } from "../../src/api/lease.ts";
import { Client } from "../../src/client/client.ts";
import { runAsLeader } from "../../src/client/leader-election.ts";
import { silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { FaultyTransport, unreachable } from "../support/faulty-transport.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let stops: AbortController[];
beforeEach(async () => {
  server = await startTestApiServer();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) stop.abort();
  await turns();
  await server.stop();
});

describe("of two candidates", () => {
  test("one leads, and the other waits", async () => {
    const [first, second] = await both();
    expect([first.isLeading, second.isLeading]).toEqual([true, false]);
    expect((await lease()).spec).toMatchObject({
      holderIdentity: "first",
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: "2014-06-06T00:00:00.000000Z",
    });

    await pass(120_000);
    expect([first.isLeading, second.isLeading]).toEqual([true, false]);
    expect((await lease()).spec.acquireTime).toBe("2014-06-06T00:00:00.000000Z");
    expect((await lease()).spec.renewTime).toMatch(/^2014-06-06T00:0[12]:/);
    expect(second.leaders).toEqual(["first"]);
  });

  test("the other leads once the first has given the Lease back", async () => {
    const [first, second] = await both();
    first.stop.abort();
    await turns();
    expect(await first.outcome).toBe("stopped");
    expect((await lease()).spec.holderIdentity).toBe("");

    await pass(5_000);
    expect(second.isLeading).toBe(true);
    expect((await lease()).spec).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
  });

  test("the first stops before the other starts, when it can't reach the server", async () => {
    const [first, second] = await both();
    first.network.fault = unreachable;
    const overlaps: boolean[] = [];
    for (let seconds = 0; seconds < 40; seconds++) {
      await pass(1_000);
      overlaps.push(first.isLeading && second.isLeading);
    }
    expect(overlaps).not.toContain(true);
    expect(await first.outcome).toBe("lost");
    expect(second.isLeading).toBe(true);
  });

  test("the holder renews in one request, and reads again only when its own was refused", async () => {
    const [first] = await both();
    const methods = () => first.network.requests.splice(0).map(({ method }) => method);
    methods();
    await pass(6_000);
    expect(methods()).toEqual(["PUT", "PUT", "PUT"]);

    const { metadata, ...rest } = await lease();
    await server.client.update(Lease, { ...rest, metadata: { ...metadata, labels: { a: "b" } } });
    await pass(4_000);
    expect(methods()).toEqual(["PUT", "GET", "PUT", "PUT"]);
    expect(first.isLeading).toBe(true);
    expect((await lease()).metadata.labels).toEqual({ a: "b" });
  });

  test("the other waits 15 seconds by its own clock, whatever the Lease says of the time", async () => {
    const longAgo = "2001-01-01T00:00:00.000000Z";
    const spec = { holderIdentity: "wrong-clock", leaseDurationSeconds: 15, renewTime: longAgo };
    await server.client.create(Lease, "kube-system", { metadata: { name: "test" }, spec });
    const candidate = run("late");
    await turns();
    await pass(14_000);
    expect(candidate.isLeading).toBe(false);
    await pass(6_000);
    expect(candidate.isLeading).toBe(true);
  });
});

function run(identity: string) {
  const stop = new AbortController();
  stops.push(stop);
  const network = new FaultyTransport(server.transport);
  const candidate = {
    stop,
    network,
    isLeading: false,
    leaders: [] as string[],
    outcome: Promise.resolve<"lost" | "stopped">("stopped"),
  };
  const options = {
    ...server,
    client: new Client(network.transport),
    log: silentLog,
    signal: stop.signal,
    namespace: "kube-system",
    name: "test",
    identity,
    onNewLeader: (leader: string) => void candidate.leaders.push(leader),
  };
  candidate.outcome = runAsLeader(options, (signal) => {
    candidate.isLeading = true;
    signal.addEventListener("abort", () => (candidate.isLeading = false));
  });
  return candidate;
}

async function both() {
  const first = run("first");
  await turns();
  const second = run("second");
  await turns();
  return [first, second] as const;
}

const lease = () => server.client.get(Lease, "kube-system", "test");

async function pass(ms: number) {
  for (let left = ms; left > 0; left -= 500) {
    server.clock.advance(500);
    await turns();
  }
}

async function turns() {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
}

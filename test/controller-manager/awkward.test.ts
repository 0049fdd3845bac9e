/**
 * What befalls every controller sooner or later, played on each of them: one case says what there is to do
 * and what must come of it (awkward/), and the same must come of it whatever is in the way.
 */
import { afterEach, describe, expect, test } from "vitest";
import { controllers } from "../../src/controller-manager/controller-list.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";
import { accountCases } from "./awkward/accounts.ts";
import { type AwkwardCase, Lab } from "./awkward/lab.ts";
import { nodeCases } from "./awkward/nodes.ts";
import { policyCases } from "./awkward/policies.ts";
import { serviceCases } from "./awkward/services.ts";
import { storageCases } from "./awkward/storage.ts";
import { workloadCases } from "./awkward/workloads.ts";

const HOURS_MS = 6 * 3_600_000;
const AWAY_MS = 60_000;
const cases: AwkwardCase[] = [
  ...workloadCases,
  ...serviceCases,
  ...storageCases,
  ...nodeCases,
  ...policyCases,
  ...accountCases,
];
/** It needs days and an API server that notes what is used: legacy-token-cleaner.test.ts. */
const ELSEWHERE = ["legacy-serviceaccount-token-cleaner-controller"];
const owners = cases.filter(({ orphans }) => orphans !== undefined);

let lab: Lab;
afterEach(() => lab.cluster.stop());

async function start(one: AwkwardCase): Promise<void> {
  lab = await Lab.start(one);
  await one.prepare?.(lab);
  await lab.cluster.settle();
}

/** Lets it do its work. */
const work = ({ takesMs = 0 }: AwkwardCase) =>
  takesMs > 0 ? lab.cluster.pass(takesMs) : lab.cluster.settle();

describe.each(cases)("$controller", (one) => {
  test("gets there though every write meets a conflict first", async () => {
    await start(one);
    lab.cluster.network.fault = conflictOnEveryWrite();
    await one.make(lab);
    await work(one);
    expect(await one.result(lab)).toEqual(one.expected);
  });

  test("gets there though its watches are cut", async () => {
    await start(one);
    lab.cluster.network.cutWatches();
    await one.make(lab);
    lab.cluster.network.cutWatches();
    await work(one);
    lab.cluster.network.cutWatches();
    await lab.cluster.settle();
    expect(await one.result(lab)).toEqual(one.expected);
  });

  test("does what came while it could not reach the server", async () => {
    await start(one);
    lab.cluster.network.fault = unreachable;
    lab.cluster.network.cutWatches();
    await one.make(lab);
    lab.cluster.clock.advance(AWAY_MS);
    lab.cluster.network.fault = undefined;
    await lab.cluster.pass(AWAY_MS);
    await work(one);
    expect(await one.result(lab)).toEqual(one.expected);
  });

  test("does it anew where the object is made again with the same name", async () => {
    await start(one);
    await one.make(lab);
    await work(one);
    const before = (await lab.find(one.subject.kind))?.metadata.uid;
    await lab.delete();
    await lab.cluster.settle();
    await one.make(lab);
    await work(one);
    expect(await one.result(lab)).toEqual(one.expected);
    const after = (await lab.find(one.subject.kind))?.metadata.uid;
    expect(after === undefined || after !== before).toBe(true);
  });

  test("is right after the clock has moved by hours at once", async () => {
    await start(one);
    await one.make(lab);
    await work(one);
    lab.cluster.clock.advance(HOURS_MS);
    await work(one);
    expect(await one.result(lab)).toEqual("hoursLater" in one ? one.hoursLater : one.expected);
  });
});

describe.each(owners)("$controller, of what an earlier one has left as orphans", (one) => {
  test("takes all back, and makes no more", async () => {
    await start(one);
    await one.make(lab);
    await work(one);
    const before = await lab.ownedUids(one.orphans);
    await lab.delete("Orphan");
    await lab.cluster.settle();
    expect(await lab.find(one.subject.kind)).toBeUndefined();

    await one.make(lab);
    await work(one);
    expect(await one.result(lab)).toEqual(one.expected);
    expect(await lab.ownedUids(one.orphans)).toEqual(before);
  });
});

describe("the table of awkward situations", () => {
  test("has a case for every controller", async () => {
    lab = await Lab.start(cases[0]!);
    const covered = new Set([...ELSEWHERE, ...cases.map(({ controller }) => controller)]);
    expect(controllers.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  });
});

/** What a cluster weighs when nothing happens, and what an API server weighs when it holds much. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../bench.ts";
import { Child } from "../child.ts";
import { hasEtcd, startEtcd } from "../etcd.ts";
import { runLoad } from "../load.ts";
import { createRequest, PODS, pod } from "../objects.ts";
import type { Figure } from "../report.ts";
import { medianOf } from "../rounds.ts";
import { type StorePlace, startApiServerProcess, startKubeling } from "../servers.ts";

const SETTLE_MS = 5_000;
const WATCHED_MS = 20_000;
const OBJECTS = 10_000;

export const memory: Benchmark = {
  name: "memory",
  about: "MB and processor time of an idle cluster; MB of an API server with many objects",
  async run({ directory, rounds }) {
    const home = join(directory, "memory");
    mkdirSync(home);
    const baseline = { name: "idle Node", value: await idleNodeMegabytes() };
    const figures = await idleCluster(home, Math.min(rounds, 3), baseline);
    const common = { unit: "MB", baseline, isSmallerBetter: true };
    const name = `memory with ${OBJECTS} pods`;
    const embedded = await megabytesWithObjects({ directory: join(home, "api") });
    figures.push({ ...common, name: `${name}, embedded`, value: embedded });
    if (!hasEtcd()) return figures;
    const etcd = await startEtcd(join(home, "etcd"));
    const onEtcd = await megabytesWithObjects({ etcd: etcd.endpoint });
    figures.push({ ...common, name: `${name}, etcd`, value: onEtcd });
    await etcd.stop();
    return figures;
  },
};

async function idleCluster(home: string, rounds: number, baseline: Figure["baseline"]) {
  const megabytes: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { child } = await startKubeling(join(home, `idle-${round}`));
    await sleep(SETTLE_MS);
    megabytes.push(child.megabytes);
    const before = child.cpuSeconds;
    await sleep(WATCHED_MS);
    shares.push(((child.cpuSeconds - before) / (WATCHED_MS / 1000)) * 100);
    await child.stop();
  }
  const weight = {
    name: "idle memory, 2 nodes",
    unit: "MB",
    value: medianOf(megabytes),
    baseline,
    isSmallerBetter: true,
  };
  const share = {
    name: "idle processor, 2 nodes",
    unit: "% of a core",
    value: medianOf(shares),
    baseline: { name: "the goal", value: 1 },
    isSmallerBetter: true,
  };
  return [weight, share] satisfies Figure[] as Figure[];
}

export async function idleNodeMegabytes(): Promise<number> {
  const child = new Child(process.execPath, [
    "-e",
    "setInterval(() => {}, 1e9); console.log('up')",
  ]);
  await child.says(/up/);
  await sleep(1_000);
  const { megabytes } = child;
  await child.stop();
  return megabytes;
}

async function megabytesWithObjects(place: StorePlace): Promise<number> {
  const { child, port } = await startApiServerProcess(place, "plain");
  const request = (i: number) => createRequest(PODS, pod(`p${i}`));
  await runLoad({ port, connections: 32, requests: OBJECTS, request });
  await sleep(SETTLE_MS);
  const { megabytes } = child;
  await child.stop();
  return megabytes;
}

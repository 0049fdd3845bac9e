/**
 * An API server over TLS on etcd, as a cluster of several machines has it, beside what a kube-apiserver 1.20
 * showed under the same load on two cores: marks on the wall, not measured in this run. The aim is twice each.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../bench.ts";
import { startEtcd } from "../etcd.ts";
import { call } from "../http-call.ts";
import { requestBytes, runLoad } from "../load.ts";
import { missingOf } from "../machine.ts";
import { createRequest, podIn } from "../objects.ts";
import type { Figure } from "../report.ts";
import { medianOf } from "../rounds.ts";
import { type Server, startApiServerProcess } from "../servers.ts";
import { DELIVERED, deliveredPerSecond } from "./fan-out.ts";

const door = "tls";
const MANY = 5_600;
const SOME = 500;
/** Of 10,000 in all. */
const OTHERS = 10_000 - MANY - SOME;
const SETTLE_MS = 3_000;

const collection = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

interface Read {
  name: string;
  path: string;
  connections: number;
  requests: number;
  mark: number;
}

const READS: Read[] = [
  {
    name: "GET of a pod, consistent",
    ...{ path: `${collection("some")}/p0`, connections: 64, requests: 10_000, mark: 2_200 },
  },
  {
    name: "GET of a pod, cached",
    ...{ path: `${collection("some")}/p0?resourceVersion=0`, connections: 64, requests: 20_000 },
    mark: 10_000,
  },
  {
    name: `LIST of ${SOME} pods`,
    ...{ path: collection("some"), connections: 4, requests: 200, mark: 84 },
  },
];

export const marks: Benchmark = {
  name: "marks",
  about: "an API server with TLS on etcd, beside what kube-apiserver 1.20 showed",
  missing: () => missingOf("etcd"),
  async run({ directory, rounds }) {
    const home = join(directory, "marks");
    mkdirSync(home);
    const etcd = await startEtcd(join(home, "etcd"));
    const server = await startApiServerProcess({ etcd: etcd.endpoint }, door);
    const figures = await fill(server);
    for (const read of READS) figures.push(await reads(server, read, rounds));
    figures.push(await longList(server, rounds), await fanOut(server, rounds));
    await server.child.stop();
    await etcd.stop();
    return figures;
  },
};

function figure(name: string, value: number, unit: string, mark: number): Figure {
  const baseline = { name: "kube-apiserver 1.20", value: mark };
  return { name: `TLS, etcd: ${name}`, value, unit, baseline };
}

/** Creates the 10,000 pods: how fast, and what they weigh. */
async function fill({ port, child }: Server): Promise<Figure[]> {
  for (const name of ["some", "many"]) {
    const namespace = { kind: "Namespace", apiVersion: "v1", metadata: { name } };
    await call({ port, door }, "POST", "/api/v1/namespaces", JSON.stringify(namespace));
  }
  const create = (namespace: string, requests: number) => {
    const request = (i: number) => createRequest(collection(namespace), podIn(namespace, `p${i}`));
    return runLoad({ port, door, connections: 64, requests, request });
  };
  await create("some", SOME);
  await create("many", MANY);
  const before = child.cpuSeconds;
  const { requestsPerSecond, p99Ms } = await create("default", OTHERS);
  const microseconds = ((child.cpuSeconds - before) / OTHERS) * 1e6;
  const note = `${microseconds.toFixed(0)} us of processor each; p99 ${p99Ms.toFixed(1)} ms`;
  await sleep(SETTLE_MS);
  return [
    { ...figure("creates of pods", requestsPerSecond, "creates/s", 840), note },
    { ...figure("memory with 10,000 pods", child.megabytes, "MB", 844), isSmallerBetter: true },
  ];
}

async function reads(server: Server, read: Read, rounds: number): Promise<Figure> {
  const { name, path, connections, requests, mark } = read;
  const { port, child } = server;
  const bytes = requestBytes("GET", path);
  const before = child.cpuSeconds;
  const value = await medianOfRounds(rounds, async () => {
    const load = { port, door, connections, requests, request: () => bytes } as const;
    return (await runLoad(load)).requestsPerSecond;
  });
  const microseconds = ((child.cpuSeconds - before) / (rounds * requests)) * 1e6;
  const note = `${microseconds.toFixed(0)} us of processor each`;
  return { ...figure(name, value, "requests/s", mark), note };
}

async function longList({ port }: Server, rounds: number): Promise<Figure> {
  let length = 0;
  const value = await medianOfRounds(rounds, async () => {
    const began = performance.now();
    length = (await call({ port, door }, "GET", collection("many"))).length;
    return (performance.now() - began) / 1000;
  });
  const note = `${(length / 1e6).toFixed(1)} MB, until the client has it as text`;
  return { ...figure(`LIST of ${MANY} pods`, value, "s", 0.28), isSmallerBetter: true, note };
}

async function fanOut(server: Server, rounds: number): Promise<Figure> {
  let round = 0;
  const before = server.child.cpuSeconds;
  const value = await medianOfRounds(rounds, () => deliveredPerSecond(server, door, round++));
  const microseconds = ((server.child.cpuSeconds - before) / (rounds * DELIVERED)) * 1e6;
  const note = `${microseconds.toFixed(1)} us of processor each, with what the creates cost`;
  return { ...figure("watch, 100 watchers", value, "events/s", 68_000), note };
}

async function medianOfRounds(rounds: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await measure());
  return medianOf(values);
}

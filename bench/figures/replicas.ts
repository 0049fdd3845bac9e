/**
 * A replication controller of 300 replicas on 10 simulated nodes (and one of 5,000 on 50), from the POST to
 * all of them bound and Ready, beside as many pods only created in the same cluster.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../bench.ts";
import { call } from "../http-call.ts";
import { runLoad } from "../load.ts";
import { createRequest, PODS, pod } from "../objects.ts";
import type { Figure } from "../report.ts";
import { compare } from "../rounds.ts";
import { startKubeling } from "../servers.ts";

interface Size {
  replicas: number;
  nodes: number;
}

const SMALL: Size = { replicas: 300, nodes: 10 };
/** As many as a Kubernetes of 50 such nodes is to hold; one round of it takes minutes. */
const LARGE: Size = { replicas: 5_000, nodes: 50 };
const LOOK_EVERY_MS = 20;
const CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers";

export const replicas: Benchmark = {
  name: "replicas",
  about: `pods a second, from an RC of ${SMALL.replicas} or ${LARGE.replicas} (--full) until all are Ready`,
  async run({ rounds, directory, isFull }) {
    const figures = [await figureOf(SMALL, rounds, join(directory, "replicas"))];
    if (isFull) figures.push(await figureOf(LARGE, 1, join(directory, "many-replicas")));
    return figures;
  },
};

async function figureOf(size: Size, rounds: number, directory: string): Promise<Figure> {
  const { replicas, nodes } = size;
  let round = 0;
  const home = () => `${directory}-${round++}`;
  const figure = await compare({
    name: `RC of ${replicas} Ready on ${nodes} nodes`,
    unit: "pods/s",
    rounds,
    measure: () => inCluster(home(), size, untilReady),
    baseline: { name: "pods only created", measure: () => inCluster(home(), size, onlyCreate) },
  });
  const seconds = (replicas / figure.value).toFixed(2);
  return { ...figure, note: `${seconds} s; ${figure.note}` };
}

/** Pods a second, of so many. */
type Measure = (port: number, replicas: number) => Promise<number>;

/** A new cluster for each, so that none inherits another's garbage. */
async function inCluster(home: string, { replicas, nodes }: Size, measure: Measure) {
  const { child, port } = await startKubeling(home, "--nodes", `${nodes}`);
  const pods = await measure(port, replicas);
  await child.stop();
  return pods;
}

async function untilReady(port: number, replicas: number): Promise<number> {
  const labels = { app: "web" };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
  const controller = {
    kind: "ReplicationController",
    apiVersion: "v1",
    metadata: { name: "web" },
    spec: { replicas, selector: labels, template },
  };
  const began = performance.now();
  await call({ port }, "POST", CONTROLLERS, JSON.stringify(controller));
  for (;;) {
    const { status } = JSON.parse(await call({ port }, "GET", `${CONTROLLERS}/web`));
    if (status?.readyReplicas === replicas) break;
    await sleep(LOOK_EVERY_MS);
  }
  return replicas / ((performance.now() - began) / 1000);
}

async function onlyCreate(port: number, replicas: number): Promise<number> {
  const request = (i: number) => createRequest(PODS, pod(`p${i}`));
  return (await runLoad({ port, connections: 16, requests: replicas, request })).requestsPerSecond;
}

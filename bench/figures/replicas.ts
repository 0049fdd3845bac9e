/**
 * A replication controller of 300 replicas on 10 simulated nodes, from the POST to all of them Ready,
 * beside as many pods only created in the same cluster.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../bench.ts";
import { call } from "../http-call.ts";
import { runLoad } from "../load.ts";
import { createRequest, PODS, pod } from "../objects.ts";
import { compare } from "../rounds.ts";
import { startKubeling } from "../servers.ts";

const REPLICAS = 300;
const NODES = 10;
const LOOK_EVERY_MS = 20;
const CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers";

export const replicas: Benchmark = {
  name: "replicas",
  about: `pods a second, from an RC of ${REPLICAS} on ${NODES} nodes until all are Ready`,
  async run({ rounds, directory }) {
    let round = 0;
    const home = () => join(directory, `replicas-${round++}`);
    const figure = await compare({
      name: `RC of ${REPLICAS} Ready on ${NODES} nodes`,
      unit: "pods/s",
      rounds,
      measure: () => inCluster(home(), untilReady),
      baseline: { name: "pods only created", measure: () => inCluster(home(), onlyCreate) },
    });
    const seconds = (REPLICAS / figure.value).toFixed(2);
    return [{ ...figure, note: `${seconds} s; ${figure.note}` }];
  },
};

/** A new cluster for each, so that none inherits another's garbage. */
async function inCluster(home: string, measure: (port: number) => Promise<number>) {
  const { child, port } = await startKubeling(home, "--nodes", `${NODES}`);
  const pods = await measure(port);
  await child.stop();
  return pods;
}

async function untilReady(port: number): Promise<number> {
  const labels = { app: "web" };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
  const controller = {
    kind: "ReplicationController",
    apiVersion: "v1",
    metadata: { name: "web" },
    spec: { replicas: REPLICAS, selector: labels, template },
  };
  const began = performance.now();
  await call({ port }, "POST", CONTROLLERS, JSON.stringify(controller));
  for (;;) {
    const { status } = JSON.parse(await call({ port }, "GET", `${CONTROLLERS}/web`));
    if (status?.readyReplicas === REPLICAS) break;
    await sleep(LOOK_EVERY_MS);
  }
  return REPLICAS / ((performance.now() - began) / 1000);
}

async function onlyCreate(port: number): Promise<number> {
  const request = (i: number) => createRequest(PODS, pod(`p${i}`));
  return (await runLoad({ port, connections: 16, requests: REPLICAS, request })).requestsPerSecond;
}

/**
 * What the controller manager, a process of its own, costs when there is much and nothing happens but the
 * nodes' heartbeats: the half of the objects are pods it has made for replication controllers, the others
 * ConfigMaps it only watches.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/free-port.ts";
import type { Benchmark } from "../bench.ts";
import { Child } from "../child.ts";
import { call } from "../http-call.ts";
import { runLoad } from "../load.ts";
import { CONFIG_MAPS, configMap, createRequest } from "../objects.ts";
import type { Figure } from "../report.ts";
import { commandPath, startApiServerProcess } from "../servers.ts";
import { idleNodeMegabytes } from "./memory.ts";

const FULL = 10_000;
const SHORTENED = 2_000;
const REPLICAS = 50;
const NODES = 10;
const HEARTBEAT_MS = 10_000;
/** Events are written after the deed, and memory is tidied up after that. */
const SETTLE_MS = 30_000;
/** Long enough for what the controllers look at every 20 seconds, and for what is done once a minute. */
const WATCHED_MS = 60_000;
const LOOK_EVERY_MS = 500;
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers";

export const controllerManager: Benchmark = {
  name: "controller-manager",
  about: "MB and processor time of an idle controller manager, with many objects",
  async run({ directory, isFull }) {
    const home = join(directory, "controller-manager");
    mkdirSync(home);
    const objects = isFull ? FULL : SHORTENED;
    const node = await idleNodeMegabytes();
    const api = await startApiServerProcess({ directory: home }, "plain");
    const manager = await startManager(api.port);
    await fill(api.port, objects / 2);
    const beating = await startHeartbeats(api.port);
    await sleep(SETTLE_MS);
    const before = manager.cpuSeconds;
    await sleep(WATCHED_MS);
    const share = ((manager.cpuSeconds - before) / (WATCHED_MS / 1000)) * 100;
    const { megabytes } = manager;
    clearInterval(beating);
    await manager.stop();
    await api.child.stop();
    return figuresOf(objects, { share, megabytes, node });
  },
};

interface Weighed {
  share: number;
  megabytes: number;
  node: number;
}

function figuresOf(objects: number, { share, megabytes, node }: Weighed): Figure[] {
  const name = `controller manager, ${objects} objects`;
  return [
    {
      name: `${name}, idle processor`,
      unit: "% of a core",
      value: share,
      baseline: { name: "the goal", value: 1 },
      isSmallerBetter: true,
    },
    {
      name: `${name}, memory`,
      unit: "MB",
      value: megabytes,
      baseline: { name: "idle Node", value: node },
      isSmallerBetter: true,
    },
  ];
}

async function startManager(apiPort: number): Promise<Child> {
  const child = new Child(process.execPath, [
    commandPath("kube-controller-manager"),
    `--master=http://127.0.0.1:${apiPort}`,
    `--port=${await freePort()}`,
  ]);
  return child;
}

/** So many of each; resolves when all pods have been made. */
async function fill(port: number, count: number): Promise<void> {
  const maps = (i: number) => createRequest(CONFIG_MAPS, configMap(`map-${i}`));
  await runLoad({ port, connections: 16, requests: count, request: maps });
  const wanted = count / REPLICAS;
  const controllers = (i: number) => createRequest(CONTROLLERS, controller(`web-${i}`));
  await runLoad({ port, connections: 4, requests: wanted, request: controllers });
  for (;;) {
    const { items } = JSON.parse(await call({ port }, "GET", CONTROLLERS)) as List;
    if (items.every(({ status }) => status?.replicas === REPLICAS)) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Nodes as their kubelets keep them: each lease renewed every ten seconds, one after the other. */
async function startHeartbeats(port: number): Promise<NodeJS.Timeout> {
  const spec = () => ({ renewTime: new Date().toISOString().replace("Z", "000Z") });
  const lease = (name: string) =>
    JSON.stringify({
      ...{ kind: "Lease", apiVersion: "coordination.k8s.io/v1", metadata: { name } },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, ...spec() },
    });
  const names = Array.from({ length: NODES }, (_, i) => `node-${i}`);
  for (const name of names) {
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
    const node = { kind: "Node", apiVersion: "v1", metadata: { name }, status: { conditions } };
    await call({ port }, "POST", "/api/v1/nodes", JSON.stringify(node));
    await call({ port }, "POST", LEASES, lease(name));
  }
  let next = 0;
  const beat = () => {
    const name = names[next++ % NODES]!;
    const patch = JSON.stringify({ spec: spec() });
    void call({ port }, "PATCH", `${LEASES}/${name}`, patch, "application/merge-patch+json");
  };
  return setInterval(beat, HEARTBEAT_MS / NODES);
}

interface List {
  items: { status?: { replicas?: number } }[];
}

function controller(name: string): string {
  const labels = { app: name };
  const spec = { containers: [{ name: "web", image: "nginx" }] };
  return JSON.stringify({
    kind: "ReplicationController",
    apiVersion: "v1",
    metadata: { name },
    spec: { replicas: REPLICAS, selector: labels, template: { metadata: { labels }, spec } },
  });
}

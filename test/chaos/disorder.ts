/**
 * One step of disorder after the other, each chosen by dice: what users do (object-steps.ts), and what
 * befalls machines, daemons and the network. Each step tells itself in words.
 */
import { Node } from "../../src/api/node.ts";
import type { Random } from "../../src/component/random.ts";
import { type ChaosCluster, DAEMON_NAMES } from "./chaos-cluster.ts";
import { pick, roll } from "./dice.ts";
import {
  autoscale,
  changeCronJob,
  changeImage,
  changeJob,
  changeQuota,
  changeService,
  changeTier,
  create,
  evict,
  growClaim,
  namespaces,
  pause,
  refusal,
  relabelPod,
  remove,
  removePod,
  type Step,
  scale,
} from "./object-steps.ts";

const editNode: Step = async ({ user }, dice) => {
  const name = `node${roll(dice, 1, 3)}`;
  const [what, patch] = pick(dice, [
    ["cordon", { spec: { unschedulable: true } }],
    ["uncordon", { spec: { unschedulable: null } }],
    ["gets a disk", { metadata: { labels: { disk: "ssd" } } }],
    ["loses its disk", { metadata: { labels: { disk: null } } }],
  ] as const);
  await user.patch(Node, "", name, patch);
  return `${name}: ${what}`;
};

const removeNode: Step = async ({ user }, dice) => {
  const name = `node${roll(dice, 1, 3)}`;
  await user.delete(Node, "", name);
  return `delete node ${name}`;
};

const machines: Step = async ({ machines, network }, dice) => {
  const machine = pick(dice, machines);
  const fate = pick(dice, ["kubelet restarts", "kubelet ends", "crashes", "is cut off", "returns"]);
  if (fate === "kubelet restarts" || fate === "kubelet ends") machine.stop();
  if (fate === "crashes") machine.crash();
  if (fate === "is cut off") network.isolate(machine.name);
  if (fate === "returns") network.rejoin(machine.name);
  if (fate === "kubelet restarts" || fate === "returns") machine.start();
  return `${machine.name} ${fate}`;
};

const killContainer: Step = async ({ machines }, dice) => {
  const { name, runtime } = pick(dice, machines);
  const running = (await runtime.listContainers()).filter(({ state }) => state === "running");
  if (running.length === 0) return `nothing runs on ${name}`;
  const { id, pod } = pick(dice, running);
  runtime.kill(id);
  return `a container of ${pod.namespace}/${pod.name} is killed on ${name}`;
};

const daemons: Step = async (cluster, dice) => {
  const name = pick(dice, DAEMON_NAMES);
  const fate = pick(dice, ["restarts", "ends", "starts"]);
  if (fate !== "starts") cluster.stopDaemon(name);
  if (fate !== "ends") cluster.startDaemon(name);
  return `${name} ${fate}`;
};

const server: Step = async (cluster, dice) => {
  await cluster.stopServer();
  const downMs = pick(dice, [0, 1_000, 20_000]);
  await cluster.pass(downMs);
  await cluster.startServer();
  return `the API server is away for ${downMs} ms`;
};

const weather: Step = async ({ network }, dice) => {
  network.roughness = pick(dice, [0, 0, 0.05, 0.2, 0.5]);
  return `a request fails with a chance of ${network.roughness}`;
};

const cutWatches: Step = async ({ network }, dice) => {
  const chance = pick(dice, [0.2, 1]);
  network.cutWatches(chance);
  return `cut ${chance * 100} % of the watches`;
};

const STEPS: [weight: number, step: Step][] = [
  [14, create],
  [2, autoscale],
  [6, scale],
  [6, changeImage],
  [2, changeTier],
  [1, pause],
  [2, changeJob],
  [1, changeCronJob],
  [1, changeQuota],
  [2, growClaim],
  [5, remove],
  [4, removePod],
  [2, evict],
  [2, relabelPod],
  [3, changeService],
  [2, namespaces],
  [3, editNode],
  [1, removeNode],
  [5, machines],
  [3, killContainer],
  [4, daemons],
  [2, server],
  [4, weather],
  [3, cutWatches],
];

/** Takes one step, and lets some time go by: often none at all, sometimes minutes. */
export async function disturb(cluster: ChaosCluster, dice: Random): Promise<string> {
  const all = STEPS.flatMap(([weight, step]) => Array<Step>(weight).fill(step));
  const step = pick(dice, all);
  const passMs = pick(dice, [0, 0, 100, 1_000, 1_000, 5_000, 20_000, 60_000]);
  const told = await step(cluster, dice).catch(refusal);
  await cluster.pass(passMs);
  return `${told}; ${passMs} ms`;
}

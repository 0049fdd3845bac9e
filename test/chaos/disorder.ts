/**
 * One step of disorder after the other, each chosen by dice: what users do, and what befalls machines,
 * daemons and the network. Each step tells itself in words.
 */

import { Job } from "../../src/api/batch/job.ts";
import { ApiError } from "../../src/api/errors.ts";
import type { Kind } from "../../src/api/kind.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import type { DeleteOptions } from "../../src/client/client.ts";
import type { Random } from "../../src/component/random.ts";
import { type ChaosCluster, DAEMON_NAMES } from "./chaos-cluster.ts";
import { pick, roll } from "./dice.ts";
import { image, NAMESPACES, replicas, tier, WORKLOADS, wish } from "./wishes.ts";

type Step = (cluster: ChaosCluster, dice: Random) => Promise<string>;

const POLICIES = ["Background", "Foreground", "Orphan"] as const;

const create: Step = async ({ user }, dice) => {
  const { kind, namespace, name, draft } = wish(dice);
  await user.create(kind, namespace, draft);
  return `create ${kind.kind.toLowerCase()} ${namespace}/${draft.metadata.name ?? name}`;
};

const ENDING = [Job] as unknown as readonly Kind[];

/** Edits a workload by a patch that the dice make; tells which. */
function edit(
  what: string,
  patchOf: (kind: Kind, dice: Random) => object | undefined,
  kinds = WORKLOADS,
): Step {
  return async ({ user }, dice) => {
    const kind = pick(dice, kinds);
    const patch = patchOf(kind, dice);
    const { items } = await user.list(kind);
    const target = items.length > 0 ? pick(dice, items) : undefined;
    if (target === undefined || patch === undefined) return "nothing to edit";
    const { namespace = "", name } = target.metadata;
    await user.patch(kind, namespace, name, patch, { type: "strategic" });
    return `${what} ${kind.kind.toLowerCase()} ${namespace}/${name} ${JSON.stringify(patch)}`;
  };
}

const scale = edit("scale", (kind, dice) =>
  kind.kind === "DaemonSet" ? undefined : { spec: { replicas: replicas(dice) } },
);
const changeImage = edit("update", (_, dice) => ({
  spec: { template: { spec: { containers: [{ name: "main", image: image(dice) }] } } },
}));
const changeTier = edit("relabel", (_, dice) => ({
  spec: { template: { metadata: { labels: { tier: tier(dice) } } } },
}));
const pause = edit("pause", (kind, dice) =>
  kind.kind === "Deployment" ? { spec: { paused: dice.next() < 0.4 } } : undefined,
);

const changeJob = edit(
  "change",
  (_, dice) => ({
    spec: pick(dice, [{ parallelism: roll(dice, 0, 3) }, { suspend: true }, { suspend: false }]),
  }),
  ENDING,
);

const remove: Step = async ({ user }, dice) => {
  const kind = pick(dice, [...WORKLOADS, ...ENDING]);
  const { items } = await user.list(kind);
  if (items.length === 0) return "nothing to delete";
  const { namespace = "", name } = pick(dice, items).metadata;
  const options: DeleteOptions = { propagationPolicy: pick(dice, POLICIES) };
  await user.delete(kind, namespace, name, options);
  return `delete ${kind.kind.toLowerCase()} ${namespace}/${name} ${options.propagationPolicy}`;
};

const removePod: Step = async ({ user }, dice) => {
  const { items } = await user.list(Pod);
  if (items.length === 0) return "no pod to delete";
  const { namespace = "", name } = pick(dice, items).metadata;
  const options: DeleteOptions = dice.next() < 0.3 ? { gracePeriodSeconds: 0 } : {};
  await user.delete(Pod, namespace, name, options);
  return `delete pod ${namespace}/${name} ${JSON.stringify(options)}`;
};

/**
 * Takes a pod away from its controller, or gives it to another, by its labels. One of a stateful set would
 * keep the name its successor needs, for ever: that is as in Kubernetes, and no state to end in.
 */
const relabelPod: Step = async ({ user }, dice) => {
  const { items: all } = await user.list(Pod);
  const items = all.filter((pod) => controllerOf(pod)?.kind !== "StatefulSet");
  if (items.length === 0) return "no pod to label";
  const { namespace = "", name } = pick(dice, items).metadata;
  const labels = { app: pick(dice, ["nobody", "replicaset-a", "replicationcontroller-b"]) };
  await user.patch(Pod, namespace, name, { metadata: { labels } });
  return `label pod ${namespace}/${name} ${labels.app}`;
};

const reselect: Step = async ({ user }, dice) => {
  const { items } = await user.list(Service);
  const mine = items.filter(({ metadata }) => metadata.name.startsWith("service-"));
  if (mine.length === 0) return "no service to edit";
  const { namespace = "", name } = pick(dice, mine).metadata;
  if (dice.next() < 0.3) {
    await user.delete(Service, namespace, name);
    return `delete service ${namespace}/${name}`;
  }
  const selector = { tier: tier(dice) };
  await user.patch(Service, namespace, name, { spec: { selector } });
  return `service ${namespace}/${name} selects ${selector.tier}`;
};

const namespaces: Step = async ({ user }, dice) => {
  const name = pick(dice, NAMESPACES);
  if (dice.next() < 0.3) {
    await user.delete(Namespace, "", name);
    return `delete namespace ${name}`;
  }
  await user.create(Namespace, "", { metadata: { name }, spec: {} });
  return `create namespace ${name}`;
};

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
  [12, create],
  [6, scale],
  [6, changeImage],
  [2, changeTier],
  [1, pause],
  [2, changeJob],
  [4, remove],
  [4, removePod],
  [2, relabelPod],
  [2, reselect],
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

/** What a user may be told: it is there already, there is none, it may not be so. Never a 500. */
function refusal(error: unknown): string {
  if (!(error instanceof ApiError) || error.status.code >= 500) throw error;
  return `refused: ${error.message}`;
}

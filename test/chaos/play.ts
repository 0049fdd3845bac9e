/** A whole play from a seed: disorder, then peace, and what is left when everything stands still. */
import { createHash } from "node:crypto";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { claimNamesOf } from "../../src/api/pod-claims.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { StorageClass } from "../../src/api/storage/storage-class.ts";
import { seededRandom } from "../../src/component/random.ts";
import { ChaosCluster, DAEMON_NAMES } from "./chaos-cluster.ts";
import { roll } from "./dice.ts";
import { disturb } from "./disorder.ts";
import { complaintsOf } from "./oracle.ts";
import type { Written } from "./rough-network.ts";
import { CLASSES } from "./volume-wishes.ts";
import { NAMESPACES } from "./wishes.ts";

const STILL_MS = 60_000;
const PATIENCE_MS = 2_400_000;

export interface Outcome {
  /** What is wrong; none: all is well. */
  complaints: string[];
  steps: string[];
  /** All that was written, in order, as one number. */
  fingerprint: string;
  writes: Written[];
}

export async function play(seed: number): Promise<Outcome> {
  const cluster = new ChaosCluster(seed);
  const dice = seededRandom(seed * 7919 + 1);
  const steps: string[] = [];
  let complaints: string[];
  try {
    await cluster.start();
    for (const drafted of CLASSES) await cluster.user.create(StorageClass, "", { ...drafted });
    for (const name of NAMESPACES) {
      await cluster.user.create(Namespace, "", { metadata: { name }, spec: {} });
    }
    for (let left = roll(dice, 10, 40); left > 0; left--) {
      steps.push(await disturb(cluster, dice));
    }
    await makePeace(cluster);
    complaints = await untilStill(cluster);
  } catch (error) {
    complaints = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  complaints.push(...cluster.network.spins, ...cluster.failures);
  await cluster.stop();
  const { writes } = cluster.network;
  return { complaints, steps, writes, fingerprint: fingerprintOf(writes) };
}

/** Everything that is broken is mended; what users asked for stays as it is. */
async function makePeace(cluster: ChaosCluster): Promise<void> {
  const { network, user, machines } = cluster;
  network.roughness = 0;
  await cluster.startServer();
  for (const name of DAEMON_NAMES) cluster.startDaemon(name);
  for (const machine of machines) {
    network.rejoin(machine.name);
    machine.start();
  }
  await cluster.pass(30_000);
  const registered = new Set((await user.list(Node)).items.map(({ metadata }) => metadata.name));
  for (const machine of machines) {
    if (!registered.has(machine.name)) {
      // A kubelet whose node was deleted registers again when it starts again.
      machine.stop();
      machine.start();
    } else await user.patch(Node, "", machine.name, { spec: { unschedulable: null } });
  }
  await raiseQuotas(cluster);
  await letClaimsGo(cluster);
}

/** To what nobody reaches: what was refused till now must be made now. */
async function raiseQuotas({ user }: ChaosCluster): Promise<void> {
  for (const { metadata, spec } of (await user.list(ResourceQuota)).items) {
    const hard = Object.fromEntries(Object.keys(spec?.hard ?? {}).map((name) => [name, "1000Gi"]));
    await user.patch(ResourceQuota, metadata.namespace!, metadata.name, { spec: { hard } });
  }
}

/** Waits for a state that is as it should be and has stood still for a minute; tells what is not. */
async function untilStill(cluster: ChaosCluster): Promise<string[]> {
  const { clock, network } = cluster;
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  let complaints = ["it never stood still"];
  while (clock.monotonicMs() < endMs) {
    await cluster.pass(10_000);
    const last = network.writes.findLast(isChange);
    if (clock.monotonicMs() - (last?.atMs ?? 0) < STILL_MS) continue;
    complaints = await complaintsOf(cluster);
    if (complaints.length === 0) return [];
  }
  return [...complaints, ...lastWrites(network.writes)];
}

/** Neither a heartbeat, nor the count of an event that is told again, nor a wish that was refused. */
function isChange({ what }: Written): boolean {
  const isHeartbeat =
    what.includes("/leases/") || /^P(UT|ATCH) \/api\/v1\/nodes\/[^/]+\/status /.test(what);
  const isToldAgain = /^PATCH .*\/events\//.test(what);
  return !isHeartbeat && !isToldAgain && !what.endsWith(" 403");
}

/** A pod whose machine has lost its power cannot start again on a claim that is being deleted. */
async function letClaimsGo({ user }: ChaosCluster): Promise<void> {
  const { items: claims } = await user.list(PersistentVolumeClaim);
  for (const { metadata } of claims.filter((claim) => claim.metadata.deletionTimestamp)) {
    const { items: pods } = await user.list(Pod, { namespace: metadata.namespace! });
    const users = pods.filter((pod) => claimNamesOf(pod).includes(metadata.name));
    for (const pod of users) await user.delete(Pod, metadata.namespace!, pod.metadata.name);
  }
}

function lastWrites(writes: Written[]): string[] {
  const last = writes.filter(isChange).slice(-5);
  return last.map(({ atMs, by, what }) => `  last written: ${atMs} ${by} ${what}`);
}

function fingerprintOf(writes: Written[]): string {
  const hash = createHash("sha256");
  for (const { atMs, by, what } of writes) hash.update(`${atMs} ${by} ${what}\n`);
  return hash.digest("hex");
}

/**
 * Feasibility, checked against the definition: on small random clusters the scheduler's filters
 * allow a node if and only if putting the pod there breaks none of the rules, where the rules are
 * written down here as plainly as can be, over whole pods, without sums or caches.
 */

import fc from "fast-check";
import type { Taint, Toleration } from "kubernetes-types/core/v1.js";
import { expect, test } from "vitest";
import type { Node } from "../../src/api/node.ts";
import type { Pod } from "../../src/api/pod.ts";
import type { Informers } from "../../src/client/informer.ts";
import { seededRandom } from "../../src/component/random.ts";
import { createProfile } from "../../src/scheduler/profile.ts";
import { SchedulingCycle } from "../../src/scheduler/scheduling-cycle.ts";
import { aNode, aPod, cacheOf, cycleOf } from "./made-up-cluster.ts";

const ZONES = ["x", "y"];
const APPS = ["web", "db"];

const taint = fc.constantFrom<Taint>(
  { key: "k", value: "1", effect: "NoSchedule" },
  { key: "k", value: "2", effect: "NoExecute" },
  { key: "k", effect: "PreferNoSchedule" },
);
const toleration = fc.constantFrom<Toleration>(
  { key: "k", operator: "Exists" },
  { key: "k", value: "1", effect: "NoSchedule" },
  { key: "k", value: "2" },
);

const someNode = fc.record({
  cpu: fc.integer({ min: 1, max: 4 }).map(String),
  memory: fc.integer({ min: 1, max: 4 }).map((gi) => `${gi}Gi`),
  pods: fc.integer({ min: 1, max: 4 }).map(String),
  zone: fc.constantFrom(...ZONES),
  taints: fc.array(taint, { maxLength: 2 }),
  unschedulable: fc.boolean(),
});

const somePod = fc.record({
  app: fc.constantFrom(...APPS),
  cpu: fc.integer({ min: 0, max: 3 }),
  memory: fc.integer({ min: 0, max: 2 }),
  hostPort: fc.constantFrom(0, 0, 80, 81),
  zone: fc.constantFrom(undefined, undefined, ...ZONES),
  tolerations: fc.array(toleration, { maxLength: 2 }),
  awayFrom: fc.constantFrom(undefined, undefined, undefined, ...APPS),
  nearTo: fc.constantFrom(undefined, undefined, undefined, ...APPS),
  spreads: fc.boolean(),
  node: fc.nat(3),
});
type SomePod = typeof somePod extends fc.Arbitrary<infer T> ? T : never;

function toPod(name: string, wishes: SomePod): Pod {
  const { app, cpu, memory, hostPort, zone, tolerations, awayFrom, nearTo, spreads } = wishes;
  const term = (other: string) => ({
    topologyKey: "zone",
    labelSelector: { matchLabels: { app: other } },
  });
  const required = (other: string | undefined) =>
    other ? { requiredDuringSchedulingIgnoredDuringExecution: [term(other)] } : {};
  return aPod(name, {
    labels: { app },
    requests: { cpu: String(cpu), memory: `${memory}Gi` },
    ...(hostPort ? { hostPort } : {}),
    ...(zone ? { nodeSelector: { zone } } : {}),
    tolerations,
    affinity: { podAffinity: required(nearTo), podAntiAffinity: required(awayFrom) },
    topologySpreadConstraints: spreads
      ? [
          {
            maxSkew: 1,
            topologyKey: "zone",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels: { app } },
          },
        ]
      : [],
  });
}

test("a node is feasible exactly when the definition says so", () => {
  fc.assert(
    fc.property(
      fc.array(someNode, { minLength: 1, maxLength: 4 }),
      fc.array(somePod, { maxLength: 6 }),
      somePod,
      (someNodes, placedPods, wanted) => {
        const nodes = someNodes.map(({ zone, ...wishes }, i) =>
          aNode(`n${i}`, { ...wishes, labels: { zone } }),
        );
        const placed = placedPods.map((wishes, i) => ({
          pod: toPod(`placed${i}`, wishes),
          wishes,
          node: nodes[wishes.node % nodes.length]!,
        }));
        const cluster = { nodes, placed };
        const expected = nodes.filter((node) => isFeasible(wanted, node, cluster));
        expect(feasibleNodes(toPod("wanted", wanted), cluster)).toEqual(
          expected.map(({ metadata }) => metadata.name),
        );
      },
    ),
    { numRuns: 10_000 },
  );
});

interface Placed {
  pod: Pod;
  wishes: SomePod;
  node: Node;
}

interface Cluster {
  nodes: Node[];
  placed: Placed[];
}

function feasibleNodes(pod: Pod, { nodes, placed }: Cluster): string[] {
  const cache = cacheOf(nodes);
  for (const { pod: there, node } of placed) {
    cache.setPod({ ...there, spec: { ...there.spec, nodeName: node.metadata.name } });
  }
  const plugins = createProfile(noInformers, cache);
  const options = { plugins, random: seededRandom(1), percentageOfNodesToScore: 100 };
  const { feasible } = new SchedulingCycle(options).run(cycleOf(pod, cache));
  return feasible.map(({ name }) => name).toSorted();
}

const noInformers = {
  of: () => ({ get: () => undefined, list: () => [], by: () => [] }),
} as unknown as Informers;

function isFeasible(wanted: SomePod, node: Node, cluster: Cluster): boolean {
  const here = cluster.placed.filter((one) => one.node === node).map(({ wishes }) => wishes);
  const all = [...here, wanted];
  const sum = (name: "cpu" | "memory") => all.reduce((total, pod) => total + pod[name], 0);
  const { cpu, memory, pods } = node.status!.allocatable!;
  if (all.length > Number(pods)) return false;
  if (wanted.cpu > 0 && sum("cpu") > Number(cpu)) return false;
  if (wanted.memory > 0 && sum("memory") > Number.parseInt(memory!, 10)) return false;
  if (wanted.hostPort && here.some(({ hostPort }) => hostPort === wanted.hostPort)) return false;
  if (node.spec.unschedulable) return false;
  if (!isTolerated(node.spec.taints ?? [], wanted.tolerations)) return false;
  const zone = zoneOf(node);
  if (wanted.zone && wanted.zone !== zone) return false;
  return isNearAndAway(wanted, zone, cluster) && isEven(wanted, zone, cluster);
}

function isTolerated(taints: Taint[], tolerations: Toleration[]): boolean {
  return taints
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every((one) =>
      tolerations.some(
        ({ operator, value, effect }) =>
          (!effect || effect === one.effect) && (operator === "Exists" || value === one.value),
      ),
    );
}

function isNearAndAway(wanted: SomePod, zone: string, { placed }: Cluster): boolean {
  const inZone = placed.filter(({ node }) => zoneOf(node) === zone).map(({ wishes }) => wishes);
  if (wanted.awayFrom && inZone.some(({ app }) => app === wanted.awayFrom)) return false;
  if (inZone.some(({ awayFrom }) => awayFrom === wanted.app)) return false;
  if (!wanted.nearTo || inZone.some(({ app }) => app === wanted.nearTo)) return true;
  const isAlone = !placed.some(({ wishes }) => wishes.app === wanted.nearTo);
  return isAlone && wanted.nearTo === wanted.app;
}

/** Zones the pod can't go to by its nodeSelector do not count. */
function isEven(wanted: SomePod, zone: string, { nodes, placed }: Cluster): boolean {
  if (!wanted.spreads) return true;
  const zones = new Set(nodes.map(zoneOf).filter((one) => !wanted.zone || one === wanted.zone));
  const countIn = (one: string) =>
    placed.filter(({ node, wishes }) => zoneOf(node) === one && wishes.app === wanted.app).length;
  return countIn(zone) + 1 - Math.min(...[...zones].map(countIn)) <= 1;
}

function zoneOf(node: Node): string {
  return node.metadata.labels!.zone!;
}

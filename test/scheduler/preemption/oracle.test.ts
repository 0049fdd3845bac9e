/**
 * Victims, checked against the definition: on small random clusters preemption picks whom trying out every set of
 * victims on every node would pick, by the rules of Kubernetes in their order.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodDisruptionBudget } from "../../../src/api/policy/pod-disruption-budget.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { nodeResourcesFit } from "../../../src/scheduler/plugins/node-resources-fit.ts";
import { preempt } from "../../../src/scheduler/preemption/preemption.ts";
import { SchedulingCycle } from "../../../src/scheduler/scheduling-cycle.ts";
import { aNode, aPod, cacheOf, cycleOf } from "../made-up-cluster.ts";

const someVictim = fc.record({
  cpu: fc.integer({ min: 1, max: 3 }),
  priority: fc.integer({ min: 0, max: 4 }),
  /** Minutes after midnight, each once at most on a node. */
  start: fc.nat(3),
  isProtected: fc.boolean(),
});
type Placed = typeof someVictim extends fc.Arbitrary<infer T> ? T : never;

const someNode = fc.record({
  cpu: fc.integer({ min: 2, max: 6 }),
  pods: fc.array(someVictim, { maxLength: 5 }),
});

const WANTED_PRIORITY = 3;

test("the victims are those that trying out every set of them would pick", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someNode, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(2),
      async (someNodes, cpu, allowed) => {
        const outcome = await preemptOn(someNodes, cpu, allowed);
        const best = bestOf(someNodes, cpu, allowed);
        if (outcome === undefined) {
          expect(best).toEqual([]);
          return;
        }
        const found = best.find(({ node }) => node === outcome.node);
        expect(found?.victims.toSorted()).toEqual(outcome.victims.toSorted());
      },
    ),
    { numRuns: 3_000 },
  );
});

const nameOf = (node: number, pod: number) => `p${node}-${pod}`;
const startTime = ({ start }: Placed) => `2014-06-06T00:0${start}:00Z`;

async function preemptOn(
  someNodes: { cpu: number; pods: Placed[] }[],
  cpu: number,
  allowed: number,
) {
  const nodes = someNodes.map((one, i) => aNode(`n${i}`, { cpu: String(one.cpu) }));
  const placed = someNodes.map(({ pods }, i): [string, ReturnType<typeof aPod>[]] => [
    `n${i}`,
    pods.map((one, j) => ({
      ...aPod(nameOf(i, j), {
        requests: { cpu: String(one.cpu) },
        priority: one.priority,
        labels: { app: one.isProtected ? "protected" : "free" },
      }),
      status: { startTime: startTime(one) },
    })),
  ]);
  const cache = cacheOf(nodes, Object.fromEntries(placed));
  const wanted = aPod("wanted", { requests: { cpu: String(cpu) }, priority: WANTED_PRIORITY });
  const cycle = cycleOf(wanted, cache);
  const random = seededRandom(1);
  const plugins = [{ plugin: nodeResourcesFit(), weight: 1, filters: true, prepares: true }];
  const decision = new SchedulingCycle({ plugins, random, percentageOfNodesToScore: 100 }).run(
    cycle,
  );
  // Where it fits anyway nobody has to go: the property is about the others.
  if (decision.chosen) return { node: decision.chosen.name, victims: [] };
  const outcome = await preempt({ cycle, decision, budgets: [budget(allowed)], random });
  if (!("candidate" in outcome)) return undefined;
  const { node, victims } = outcome.candidate;
  return { node, victims: victims.map(({ pod }) => pod.metadata.name) };
}

function budget(disruptionsAllowed: number): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "budget", namespace: "default" },
    spec: { selector: { matchLabels: { app: "protected" } } },
    status: { disruptionsAllowed } as NonNullable<PodDisruptionBudget["status"]>,
  };
}

interface Plan {
  node: string;
  victims: string[];
  rank: number[];
}

/** All plans that are the best by the rules; or, where the pod fits without any, all nodes it fits on. */
function bestOf(nodes: { cpu: number; pods: Placed[] }[], cpu: number, allowed: number): Plan[] {
  const plans = nodes.flatMap((node, i) => planFor(node, i, cpu, allowed));
  const fitting = plans.filter(({ victims }) => victims.length === 0);
  if (fitting.length > 0) return fitting;
  const best = plans.map(({ rank }) => rank).toSorted(compare)[0];
  return plans.filter(({ rank }) => compare(rank, best!) === 0);
}

function planFor(
  { cpu: all, pods }: { cpu: number; pods: Placed[] },
  i: number,
  cpu: number,
  allowed: number,
): Plan[] {
  const fits = (there: Placed[]) => there.reduce((sum, one) => sum + one.cpu, cpu) <= all;
  const node = `n${i}`;
  if (fits(pods)) return [{ node, victims: [], rank: [] }];
  const lesser = pods
    .map((pod, j) => ({ ...pod, j }))
    .filter(({ priority }) => priority < WANTED_PRIORITY)
    .toSorted((a, b) => b.priority - a.priority || a.start - b.start || a.j - b.j);
  const violating = new Set(lesser.filter(({ isProtected }) => isProtected).slice(allowed));
  const order = [...violating, ...lesser.filter((one) => !violating.has(one))];
  const staying = pods.filter(({ priority }) => priority >= WANTED_PRIORITY);
  const kept = subsetsOf(order)
    .filter((subset) => fits([...staying, ...subset]))
    // Who is the first in order is let stay rather than all after it.
    .toSorted((a, b) =>
      compare(
        order.map((one) => (b.includes(one) ? 1 : 0)),
        order.map((one) => (a.includes(one) ? 1 : 0)),
      ),
    )[0];
  if (kept === undefined) return [];
  const victims = order.filter((one) => !kept.includes(one));
  const highest = Math.max(...victims.map(({ priority }) => priority));
  const rank = [
    victims.filter((one) => violating.has(one)).length,
    highest,
    victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    victims.length,
    -Math.min(...victims.filter(({ priority }) => priority === highest).map(({ start }) => start)),
  ];
  return [{ node, victims: victims.map(({ j }) => nameOf(i, j)), rank }];
}

function subsetsOf<T>(items: T[]): T[][] {
  return items.reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

function compare(a: number[], b: number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

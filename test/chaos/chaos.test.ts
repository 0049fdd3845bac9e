/**
 * Convergence under chaos: the seeds from the first on, as many as fit into half a minute. CHAOS_SEEDS=1000
 * plays so many, and CHAOS_SEED=17 that one alone. A failing seed tells itself and its steps.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { loadAll } from "./chaos-cluster.ts";
import { type Outcome, play } from "./play.ts";

const { CHAOS_SEED, CHAOS_SEEDS } = process.env;
const isShort = CHAOS_SEED === undefined && CHAOS_SEEDS === undefined;
const FIRST = Number(CHAOS_SEED ?? 1);
const COUNT = CHAOS_SEED === undefined ? Number(CHAOS_SEEDS ?? 40) : 1;
/** On a machine that has other things to do, fewer are played: never none. */
const BUDGET_MS = isShort ? 25_000 : Infinity;
const TWICE_COUNT = Math.min(COUNT, 3);
const TWICE_BUDGET_MS = 6_000;
const LIMIT_MS = isShort ? 600_000 : 7_200_000;

beforeAll(() => loadAll(), LIMIT_MS);

describe("a cluster in which all goes wrong", () => {
  test(
    "ends as its specs ask, no more and no fewer, and then stands still",
    () =>
      forSeeds(COUNT, BUDGET_MS, async (seed) => {
        const outcome = await play(seed);
        expect(outcome.complaints, story(seed, outcome)).toEqual([]);
      }),
    LIMIT_MS,
  );

  test(
    "goes through the same writes twice for the same seed",
    () =>
      forSeeds(TWICE_COUNT, TWICE_BUDGET_MS, async (seed) => {
        const [once, twice] = [await play(seed), await play(seed)];
        const differs = once.writes.findIndex(
          (written, i) => JSON.stringify(written) !== JSON.stringify(twice.writes[i]),
        );
        expect(twice.writes[differs]).toEqual(once.writes[differs]);
        expect(twice.fingerprint).toBe(once.fingerprint);
        expect(once.writes.length).toBeGreaterThan(50);
      }),
    LIMIT_MS,
  );
});

/** Seed after seed, until so many are done or the time is up. */
async function forSeeds(
  count: number,
  budgetMs: number,
  tryOut: (seed: number) => Promise<void>,
): Promise<void> {
  const endMs = performance.now() + budgetMs;
  let seed = FIRST;
  do await tryOut(seed++);
  while (seed < FIRST + count && performance.now() < endMs);
}

function story(seed: number, { steps, complaints }: Outcome): string {
  const numbered = steps.map((step, i) => `  ${i + 1}. ${step}`);
  return [`CHAOS_SEED=${seed} (play it again with it)`, ...numbered, ...complaints].join("\n");
}

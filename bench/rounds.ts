/**
 * Rounds of two measurements in turn, A B B A A B ..., so that what else happens on the machine meets
 * both of them alike. What counts is the median of each.
 */
import type { Child } from "./child.ts";
import type { Figure } from "./report.ts";

export interface Comparison extends Omit<Figure, "value" | "baseline"> {
  rounds: number;
  measure(): Promise<number>;
  /** Whose processor time for each of so many operations a round is worth noting. */
  server?: { child: Child; operations: number };
  baseline: { name: string; measure(): Promise<number> };
}

export async function compare(comparison: Comparison): Promise<Figure> {
  const { rounds, measure, server, baseline, ...rest } = comparison;
  const values: number[] = [];
  const cpuBefore = server?.child.cpuSeconds ?? 0;
  const baselineValues: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = async () => void values.push(await measure());
    const theirs = async () => void baselineValues.push(await baseline.measure());
    for (const one of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) await one();
  }
  const notes = [`${short(Math.min(...values))} to ${short(Math.max(...values))}`];
  if (server !== undefined) {
    const seconds = server.child.cpuSeconds - cpuBefore;
    notes.push(`${short((seconds / (rounds * server.operations)) * 1e6)} us of processor each`);
  }
  if (rest.note !== undefined) notes.push(rest.note);
  return {
    ...rest,
    value: medianOf(values),
    baseline: { name: baseline.name, value: medianOf(baselineValues) },
    note: notes.join("; "),
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

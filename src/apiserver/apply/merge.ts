/**
 * Merging a configuration into an object: what it says holds, what it does not speak of stays. Lists keep
 * the configuration's order; what only the object has stays before what it stood before.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/typed/merge.go
 */
import type { Schema } from "../../api/schema.ts";
import { setKey } from "../decode/typed-value.ts";
import { belowOf, elementsOf, entriesOf, isHollow, shapeOfBoth } from "./shape.ts";
import { elementStep } from "./step.ts";

/** Neither value is changed; the result may share parts of both. */
export function merge(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const shape = shapeOfBoth(schema, live, applied);
  if (shape === "leaf" || (isHollow(live) && isHollow(applied))) return applied;
  return shape === "map" ? mergeMaps(schema, live, applied) : mergeLists(schema, live, applied);
}

function mergeMaps(schema: Schema, live: unknown, applied: unknown): unknown {
  const [had, wanted] = [entriesOf(live), entriesOf(applied)];
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(had)) {
    const other = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
    setKey(result, key, merge(belowOf(schema, key).schema, had[key], other));
  }
  for (const key of Object.keys(wanted)) {
    if (!Object.hasOwn(had, key)) setKey(result, key, wanted[key]);
  }
  return result;
}

function mergeLists(schema: Schema, live: unknown, applied: unknown): unknown {
  const [had, wanted] = [stepsOf(schema, live), stepsOf(schema, applied)];
  const bySteps = new Map(had.toReversed());
  const isWanted = new Set(wanted.map(([step]) => step));
  const result: unknown[] = [];
  let at = 0;
  /** What only the object has, up to where it has `step`. */
  const takeOthers = (step?: string) => {
    for (; at < had.length && had[at]![0] !== step; at++) {
      if (!isWanted.has(had[at]![0])) result.push(had[at]![1]);
    }
  };
  const shared = wanted.map(([step]) => step).filter((step) => bySteps.has(step));
  for (const [step, element] of wanted) {
    // An element nobody had goes before the next of those both have, after what stood before that.
    const next = shared[0];
    const isAhead = had.slice(0, at).some(([one]) => one === next);
    if (!isAhead) takeOthers(next);
    if (step === next) shared.shift();
    result.push(merge(schema.items!, bySteps.get(step), element));
  }
  takeOthers();
  return result;
}

function stepsOf(schema: Schema, list: unknown): [step: string, element: unknown][] {
  return elementsOf(list).map((element) => [elementStep(schema, element), element]);
}

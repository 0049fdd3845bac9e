/**
 * Sets of completion indexes, and how a status writes them: "1,3-5,7". Two in a row are listed,
 * three or more become a range.
 *
 * In Kubernetes: pkg/controller/job/indexed_job_utils.go
 */
import type { Pod } from "../../api/pod.ts";

export const INDEX = "batch.kubernetes.io/job-completion-index";

/** Undefined where the pod has none that can be read. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX] ?? "";
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

export function indexesOf(pods: readonly Pod[]): Set<number> {
  return new Set(pods.map(indexOf).filter((index) => index !== undefined));
}

/** Only those below `completions`; what cannot be read is passed over. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const [, from = "", to = from] of (text ?? "").matchAll(/([0-9]+)(?:-([0-9]+))?/g)) {
    const last = Math.min(Number(to), completions - 1);
    for (let index = Number(from); index <= last; index++) indexes.add(index);
  }
  return indexes;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const runs: { first: number; last: number }[] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs.map(formatRun).join(",");
}

function formatRun({ first, last }: { first: number; last: number }): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}

/** The first `count` indexes below `completions` that are not in `taken`. */
export function freeIndexes(
  count: number,
  completions: number,
  taken: (index: number) => boolean,
): number[] {
  const free: number[] = [];
  for (let index = 0; index < completions && free.length < count; index++) {
    if (!taken(index)) free.push(index);
  }
  return free;
}

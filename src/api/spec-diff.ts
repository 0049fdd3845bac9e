/**
 * The difference between two specs, in the form that Kubernetes appends to its refusal of a pod
 * update: unchanged fields counted, changed ones with "-" and "+".
 *
 * In Kubernetes: github.com/google/go-cmp (cmp.Diff); differs: shows only what changed and how much
 * did not, without the unchanged neighbours.
 */
import { isDeepStrictEqual } from "node:util";

type Fields = Record<string, unknown>;

export function specDiff(typeName: string, old: object, now: object): string {
  return `${["  " + typeName + "{", ...fieldLines(old as Fields, now as Fields, 1), "  }"].join("\n")}\n`;
}

function fieldLines(old: Fields, now: Fields, depth: number): string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => !isDeepStrictEqual(old[name], now[name]));
  const lines = changed.flatMap((name) => valueLines(goName(name), old[name], now[name], depth));
  return [...lines, ...identical(names.length - changed.length, "fields", depth)];
}

function itemLines(old: unknown[], now: unknown[], depth: number): string[] {
  const count = Math.max(old.length, now.length);
  const indexes = Array.from({ length: count }, (_, index) => index);
  const changed = indexes.filter((index) => !isDeepStrictEqual(old[index], now[index]));
  const lines = changed.flatMap((index) => valueLines("", old[index], now[index], depth));
  return [...lines, ...identical(count - changed.length, "elements", depth)];
}

function valueLines(name: string, old: unknown, now: unknown, depth: number): string[] {
  const label = name === "" ? "" : `${name}: `;
  const tabs = "\t".repeat(depth);
  if (Array.isArray(old) && Array.isArray(now)) {
    return [`  ${tabs}${label}{`, ...itemLines(old, now, depth + 1), `  ${tabs}},`];
  }
  if (isFields(old) && isFields(now)) {
    return [`  ${tabs}${label}{`, ...fieldLines(old, now, depth + 1), `  ${tabs}},`];
  }
  return [
    ...(old === undefined && name === "" ? [] : [`- ${tabs}${label}${goText(old)},`]),
    ...(now === undefined && name === "" ? [] : [`+ ${tabs}${label}${goText(now)},`]),
  ];
}

function identical(count: number, what: string, depth: number): string[] {
  if (count === 0) return [];
  const noun = count === 1 ? what.slice(0, -1) : what;
  return [`  ${"\t".repeat(depth)}... // ${count} identical ${noun}`];
}

function goText(value: unknown): string {
  if (value === undefined || value === null) return "nil";
  if (Array.isArray(value)) return `{${value.map(goText).join(", ")}}`;
  if (isFields(value)) {
    const cells = Object.entries(value).map(([name, one]) => `${goName(name)}: ${goText(one)}`);
    return `{${cells.join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** "nodeName" -> "NodeName": Go's fields begin with a capital letter. */
function goName(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A systemd unit: sections of settings, of which one can be given more than once. A drop-in adds to
 * the unit; an empty setting ("ExecStart=") forgets what was given before.
 *
 * In Kubernetes: not there; systemd.syntax(7), systemd.unit(5).
 */
import { splitWords } from "./command-words.ts";

/** "Service.ExecStart" -> its values in order. */
type Settings = ReadonlyMap<string, readonly string[]>;

export interface Unit {
  /** "kubelet.service" */
  name: string;
  description: string;
  after: string[];
  before: string[];
  type: string;
  /** Files of variables, later ones win; with `isOptional` one may be missing. */
  environmentFiles: { path: string; isOptional: boolean }[];
  workingDirectory: string | undefined;
  start: string[];
  startPost: string[];
  restartsOnFailure: boolean;
  restartMs: number;
}

const DEFAULT_RESTART_MS = 100;

/** `texts`: the unit itself and then its drop-ins, in the order of their names. */
export function parseUnit(name: string, texts: readonly string[]): Unit {
  const settings = parseSettings(texts);
  const all = (key: string) => [...(settings.get(key) ?? [])];
  const last = (key: string) => all(key).at(-1);
  const seconds = last("Service.RestartSec");
  return {
    name,
    description: last("Unit.Description") ?? name,
    after: all("Unit.After").flatMap(splitWords),
    before: all("Unit.Before").flatMap(splitWords),
    type: last("Service.Type") ?? "simple",
    environmentFiles: all("Service.EnvironmentFile").map((path) => ({
      path: path.replace(/^-/, ""),
      isOptional: path.startsWith("-"),
    })),
    workingDirectory: last("Service.WorkingDirectory"),
    start: all("Service.ExecStart"),
    startPost: all("Service.ExecStartPost"),
    restartsOnFailure: ["on-failure", "always"].includes(last("Service.Restart") ?? "no"),
    restartMs: seconds === undefined ? DEFAULT_RESTART_MS : Number(seconds) * 1_000,
  };
}

function parseSettings(texts: readonly string[]): Settings {
  const settings = new Map<string, string[]>();
  for (const text of texts) {
    let section = "";
    for (const line of joined(text)
      .split("\n")
      .map((one) => one.trim())) {
      if (line === "" || "#;".includes(line[0]!)) continue;
      section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
      const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key === undefined) continue;
      const path = `${section}.${key}`;
      settings.set(path, value === "" ? [] : [...(settings.get(path) ?? []), value!]);
    }
  }
  return settings;
}

/** A backslash at the end of a line joins the next one to it. */
function joined(text: string): string {
  return text.replace(/\\\n/g, " ");
}

/** Each after those it says it comes after. Of two that say nothing of each other, by name. */
export function inStartOrder(units: readonly Unit[]): Unit[] {
  const left = units.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ordered: Unit[] = [];
  while (left.length > 0) {
    const next = left.findIndex((unit) => !left.some((other) => comesAfter(unit, other)));
    if (next < 0) throw new Error(`units wait for each other: ${left.map(({ name }) => name)}`);
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}

export function comesAfter(unit: Unit, other: Unit): boolean {
  return unit.after.includes(other.name) || other.before.includes(unit.name);
}

/** Runs the benchmarks that are asked for, one after the other, and prints what came out. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark } from "./bench.ts";
import { controllerManager } from "./figures/controller-manager.ts";
import { creates } from "./figures/creates.ts";
import { dns } from "./figures/dns.ts";
import { fanOut } from "./figures/fan-out.ts";
import { marks } from "./figures/marks.ts";
import { memory } from "./figures/memory.ts";
import { proxy } from "./figures/proxy.ts";
import { gets, lists } from "./figures/reads.ts";
import { replicas } from "./figures/replicas.ts";
import { scheduling } from "./figures/scheduling.ts";
import { startUp } from "./figures/start-up.ts";
import { type Figure, jsonOf, tableOf } from "./report.ts";

const BENCHMARKS: Benchmark[] = [
  marks,
  creates,
  gets,
  lists,
  fanOut,
  startUp,
  memory,
  controllerManager,
  replicas,
  scheduling,
  proxy,
  dns,
];

const USAGE = `npm run bench -- [--tls] [--full] [--rounds=3] [--json=FILE] [name ...]

${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join("\n")}
`;

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tls: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      json: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => BENCHMARKS.every((one) => one.name !== name));
  if (values.help || unknown !== undefined) {
    process.stdout.write(unknown === undefined ? USAGE : `no benchmark ${unknown}\n${USAGE}`);
    process.exitCode = unknown === undefined ? 0 : 1;
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "kubeling-bench-"));
  try {
    const figures: Figure[] = [];
    for (const { name, missing = () => [], run } of BENCHMARKS) {
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      if (missing().length > 0) {
        process.stderr.write(`${name} SKIPPED: needs ${missing().join(", ")}\n`);
        continue;
      }
      process.stderr.write(`${name} ...\n`);
      const door = values.tls ? "tls" : "plain";
      const setting = {
        directory,
        door,
        rounds: Number(values.rounds),
        isFull: values.full,
      } as const;
      figures.push(...(await run(setting)));
    }
    process.stdout.write(`${tableOf(figures)}\n`);
    if (values.json !== "") writeFileSync(values.json, `${jsonOf(figures)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * `npm run bench`: how fast, how heavy; each figure beside a baseline measured in the same run.
 *
 *   npm run bench                          everything
 *   npm run bench -- get list              some of it
 *   npm run bench -- --tls --rounds=7 --json=bench.json
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark } from "./bench.ts";
import { creates } from "./figures/creates.ts";
import { fanOut } from "./figures/fan-out.ts";
import { memory } from "./figures/memory.ts";
import { gets, lists } from "./figures/reads.ts";
import { replicas } from "./figures/replicas.ts";
import { startUp } from "./figures/start-up.ts";
import { type Figure, jsonOf, tableOf } from "./report.ts";

const BENCHMARKS: Benchmark[] = [creates, gets, lists, fanOut, startUp, memory, replicas];

const USAGE = `npm run bench -- [--tls] [--rounds=5] [--json=FILE] [name ...]

${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n")}
`;

async function main(): Promise<void> {
  const [role, ...rest] = process.argv.slice(2);
  if (role === "api-server") return (await import("./api-server.ts")).runApiServer(rest);
  if (role === "bare-server") return (await import("./bare-server.ts")).runBareServer(rest);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tls: { type: "boolean", default: false },
      rounds: { type: "string", default: "5" },
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
  const wanted = BENCHMARKS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const directory = mkdtempSync(join(tmpdir(), "kubeling-bench-"));
  try {
    const setting = {
      directory,
      rounds: Number(values.rounds),
      door: values.tls ? ("tls" as const) : ("plain" as const),
    };
    const figures: Figure[] = [];
    for (const { name, run } of wanted) {
      process.stderr.write(`${name} ...\n`);
      figures.push(...(await run(setting)));
    }
    process.stdout.write(`${tableOf(figures)}\n`);
    if (values.json !== "") writeFileSync(values.json, `${jsonOf(figures)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();

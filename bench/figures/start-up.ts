/** How long `kubeling up` takes until it is ready, beside a Node process that does nothing. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "../bench.ts";
import { Child } from "../child.ts";
import { compare } from "../rounds.ts";
import { startKubeling } from "../servers.ts";

export const startUp: Benchmark = {
  name: "start",
  about: "seconds until `kubeling up` is ready: the first start, and every other",
  async run({ rounds, directory }) {
    const home = join(directory, "start-up");
    mkdirSync(home);
    const kept = join(home, "kept");
    await secondsToReady(kept);
    let fresh = 0;
    const common = { unit: "s", rounds, isSmallerBetter: true };
    const baseline = { name: "node -e 0", measure: nodeSeconds };
    return [
      await compare({
        ...common,
        name: "start, certificates made before",
        measure: () => secondsToReady(kept),
        baseline,
      }),
      await compare({
        ...common,
        name: "first start",
        measure: () => secondsToReady(join(home, `fresh-${fresh++}`)),
        baseline,
      }),
    ];
  },
};

async function secondsToReady(dataDirectory: string): Promise<number> {
  const { child, startMs } = await startKubeling(dataDirectory);
  await child.stop();
  return startMs / 1000;
}

async function nodeSeconds(): Promise<number> {
  const began = performance.now();
  await new Child(process.execPath, ["-e", "0"]).ended();
  return (performance.now() - began) / 1000;
}

/** The simulator keeps the Runtime's promises. */
import { describe } from "vitest";
import { systemClock } from "../../../src/component/clock.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { SimulatedFiles } from "../../../src/simulator/files.ts";
import { SimulatedNetwork } from "../../../src/simulator/network.ts";
import { SimulatedRuntime } from "../../../src/simulator/runtime.ts";
import { dockerPrograms } from "./docker-programs.ts";
import { testRuntime } from "./runtime-contract.ts";

describe("the simulated runtime", () => {
  testRuntime(async () => {
    const runtime = new SimulatedRuntime({
      clock: systemClock,
      random: seededRandom(1),
      network: new SimulatedNetwork(),
      files: new SimulatedFiles(),
      podCIDR: "10.244.1.0/24",
      nodeIP: "192.0.2.1",
    });
    for (const image of ["pause", "busybox", "nginx"]) await runtime.pullImage(image);
    return {
      runtime,
      programs: { ...dockerPrograms, waits: { image: "pause" } },
      startAgain: () => runtime,
      kill: async (id) => runtime.kill(id),
      stop: async () => undefined,
    };
  });
});

import { describe, expect, test } from "vitest";
import { parseThresholds, shortagesOf } from "../../../src/kubelet/node/thresholds.ts";

const MI = 1024 ** 2;
const usage = (memoryBytes: number, diskBytes: number) => ({
  "memory.available": { availableBytes: memoryBytes, capacityBytes: 1024 * MI },
  "nodefs.available": { availableBytes: diskBytes, capacityBytes: 1000 * MI },
});
const signals = (text: string, memoryBytes: number, diskBytes: number) =>
  shortagesOf(parseThresholds(text), usage(memoryBytes, diskBytes)).map(({ signal }) => signal);

describe("eviction thresholds", () => {
  const usual = "memory.available<100Mi,nodefs.available<10%";

  test.each([
    [usual, 100 * MI, 100 * MI, []],
    [usual, 100 * MI - 1, 100 * MI, ["memory.available"]],
    [usual, 100 * MI, 99 * MI, ["nodefs.available"]],
    [usual, 0, 0, ["memory.available", "nodefs.available"]],
    ["nodefs.available<0%", 0, 0, []],
    ["", 0, 0, []],
  ])("%j with %i and %i bytes left", (text, memoryBytes, diskBytes, short) => {
    expect(signals(text, memoryBytes, diskBytes)).toEqual(short);
  });

  test.each([
    ["pid.free<5", "unsupported eviction signal pid.free"],
    ["memory.available", "invalid eviction threshold syntax memory.available"],
    ["memory.available<much", "invalid eviction threshold much"],
    ["nodefs.available<140%", "must be between 0% and 100%"],
  ])("%j is refused", (text, why) => {
    expect(() => parseThresholds(text)).toThrow(why);
  });
});

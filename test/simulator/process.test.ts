import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { KILLED_EXIT_CODE, untilTerminated } from "../../src/simulator/process.ts";

test.each([
  ["terminated", 0],
  ["killed", KILLED_EXIT_CODE],
] as const)(
  "a program that is %s ends with exit code %i, and listens no more",
  async (how, code) => {
    const controllers = { terminated: new AbortController(), killed: new AbortController() };
    const signals = {
      terminated: controllers.terminated.signal,
      killed: controllers.killed.signal,
    };
    const ended = untilTerminated(signals);

    controllers[how].abort();

    expect(await ended).toBe(code);
    for (const signal of Object.values(signals)) {
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    }
  },
);

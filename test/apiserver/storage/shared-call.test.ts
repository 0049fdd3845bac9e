import { describe, expect, test } from "vitest";
import { SharedCall } from "../../../src/apiserver/storage/shared-call.ts";

describe("a shared call", () => {
  test("is never one that began before its caller came, and is shared by all who wait", async () => {
    const { shared, answer } = questions();
    const first = shared.call();
    const waiting = [shared.call(), shared.call(), shared.call()];
    answer(0, "one");
    expect(await first).toBe("one");
    await turn();
    const last = shared.call();
    answer(1, "two");
    expect(await Promise.all(waiting)).toEqual(["two", "two", "two"]);
    await turn();
    answer(2, "three");
    expect(await last).toBe("three");
  });

  test("goes on after one that failed", async () => {
    const { shared, answer, asked } = questions();
    const first = shared.call();
    const second = shared.call();
    answer(0, new Error("no"));
    await expect(first).rejects.toThrow("no");
    await turn();
    answer(1, "yes");
    expect(await second).toBe("yes");
    expect(asked()).toBe(2);
  });
});

/** Questions that are answered when the test says so. */
function questions() {
  const open: { resolve(value: string): void; reject(error: Error): void }[] = [];
  const shared = new SharedCall<string>(
    () => new Promise((resolve, reject) => open.push({ resolve, reject })),
  );
  const answer = (index: number, reply: string | Error) => {
    const question = open[index];
    if (question === undefined) throw new Error(`question ${index} has not been asked`);
    if (reply instanceof Error) question.reject(reply);
    else question.resolve(reply);
  };
  return { shared, answer, asked: () => open.length };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { describe, expect, test } from "vitest";
import { limitedTransport } from "../../src/client/limited-transport.ts";
import type { ApiRequest, ApiResponse } from "../../src/client/transport.ts";
import { TestClock } from "../support/test-clock.ts";

const request: ApiRequest = { method: "GET", path: "/", headers: {} };
const answer: ApiResponse = { status: 200, headers: {}, body: { type: "bytes", chunks: [] } };

function limited(clock: TestClock) {
  const sent: number[] = [];
  const transport = async () => {
    sent.push(clock.monotonicMs());
    return answer;
  };
  const limit = { requestsPerSecond: 10, burst: 3 };
  return { sent, send: limitedTransport(transport, limit, clock) };
}

async function turn() {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a limited transport", () => {
  test("lets a burst go at once, then so many a second, in their order", async () => {
    const clock = new TestClock();
    const { sent, send } = limited(clock);
    const all = Array.from({ length: 6 }, () => send(request));
    await turn();
    expect(sent).toEqual([0, 0, 0]);

    for (let i = 0; i < 3; i++) {
      clock.advance(100);
      await turn();
    }
    expect(sent).toEqual([0, 0, 0, 100, 200, 300]);
    await Promise.all(all);
  });

  test("has its burst again after a quiet time, and no more than that", async () => {
    const clock = new TestClock();
    const { sent, send } = limited(clock);
    for (let i = 0; i < 3; i++) await send(request);
    clock.advance(60_000);
    const all = Array.from({ length: 4 }, () => send(request));
    await turn();
    expect(sent.slice(3)).toEqual([60_000, 60_000, 60_000]);
    clock.advance(100);
    await Promise.all(all);
    expect(sent).toHaveLength(7);
  });

  test("does not send what was given up while it waited", async () => {
    const clock = new TestClock();
    const { sent, send } = limited(clock);
    for (let i = 0; i < 3; i++) await send(request);
    const given = new AbortController();
    const waiting = send({ ...request, signal: given.signal });
    given.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
    clock.advance(1_000);
    await turn();
    expect(sent).toHaveLength(3);
  });
});

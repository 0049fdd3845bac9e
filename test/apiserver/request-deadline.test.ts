import { afterEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../src/apiserver/authorize.ts";
import { apiServerFlags } from "../../src/apiserver/flags.ts";
import { limitsOf } from "../../src/apiserver/security-settings.ts";
import { parseFlags } from "../../src/component/flags.ts";
import { ask, openWatch } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const MAP = { metadata: { name: "late" } };

let server: Awaited<ReturnType<typeof startTestApiServer>>;
afterEach(() => server?.stop());

/** A server whose authorizer, once asked, does not answer before it is told to. */
async function startSlow(requestTimeoutMs = 60_000) {
  let isAsked: () => void;
  let answer: () => void;
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const authorizer: Authorizer = async () => {
    isAsked();
    await answered;
    return { allowed: true };
  };
  server = await startTestApiServer({ authorizer, requestTimeoutMs });
  return { asked, answer: () => answer() };
}

describe("a request that takes too long", () => {
  test("to write is answered with 504 after --request-timeout", async () => {
    const { asked } = await startSlow();
    const answer = ask(server.transport, "POST", MAPS, MAP);
    await asked;
    server.clock.advance(60_000);
    expect(await answer).toMatchObject({
      status: 504,
      json: {
        reason: "Timeout",
        message:
          "Timeout: request did not complete within requested timeout - context deadline exceeded",
        code: 504,
      },
    });
  });

  test("to read is told of the allotted time", async () => {
    const { asked } = await startSlow(5_000);
    const answer = ask(server.transport, "GET", MAPS);
    await asked;
    server.clock.advance(5_000);
    expect((await answer).json).toMatchObject({
      code: 504,
      message: "Timeout: request did not complete within the allotted timeout",
    });
  });

  test("may be done yet, after its client has been told", async () => {
    const { asked, answer } = await startSlow();
    const late = ask(server.transport, "POST", MAPS, MAP);
    await asked;
    server.clock.advance(60_000);
    expect((await late).status).toBe(504);
    answer();
    await eventually(async () => {
      expect((await ask(server.transport, "GET", `${MAPS}/late`)).status).toBe(200);
    });
  });

  test("is ended sooner if it says so, and no later whatever it says", async () => {
    const { asked } = await startSlow();
    const soon = ask(server.transport, "GET", `${MAPS}?timeout=2s`);
    const late = ask(server.transport, "GET", `${MAPS}?timeout=1h`);
    const unlimited = ask(server.transport, "GET", `${MAPS}?timeout=0s`);
    await asked;
    server.clock.advance(2_000);
    expect((await soon).status).toBe(504);
    server.clock.advance(58_000);
    expect((await late).status).toBe(504);
    expect((await unlimited).status).toBe(504);
  });

  test("is let go on where it is a watch or a log", async () => {
    const { asked, answer } = await startSlow();
    const watch = openWatch(server.transport, `${MAPS}?watch=1&resourceVersion=0`);
    const log = ask(server.transport, "GET", "/api/v1/namespaces/default/pods/a/log");
    await asked;
    server.clock.advance(3_600_000);
    answer();
    (await watch).close();
    expect((await log).status).toBe(404);
  });
});

describe("?timeout=", () => {
  test.each([
    ["soon", 'time: invalid duration "soon"'],
    ["5", 'time: missing unit in duration "5"'],
  ])("%s is refused", async (timeout, why) => {
    server = await startTestApiServer({ requestTimeoutMs: 60_000 });
    expect((await ask(server.transport, "GET", `${MAPS}?timeout=${timeout}`)).json).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: `invalid timeout specified in the request URL - ${why}`,
    });
  });

  test("leaves no timer behind", async () => {
    server = await startTestApiServer({ requestTimeoutMs: 60_000 });
    await ask(server.transport, "GET", MAPS);
    const { nextDueMs } = server.clock;
    await ask(server.transport, "GET", `${MAPS}?timeout=1ms`);
    expect(server.clock.nextDueMs).toBe(nextDueMs);
  });
});

describe("--request-timeout", () => {
  const limits = (...args: string[]) => limitsOf(parseFlags(apiServerFlags, args).values);

  test("is a minute", () => {
    expect(limits().requestTimeoutMs).toBe(60_000);
  });

  test("is refused where it is negative", () => {
    expect(() => limits("--request-timeout=-1s")).toThrow(
      "--request-timeout can not be negative value",
    );
  });
});

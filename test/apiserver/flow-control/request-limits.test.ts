import { afterEach, describe, expect, test } from "vitest";
import type { ApiServerOptions } from "../../../src/apiserver/apiserver.ts";
import { openWatch } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";

const USERS = [
  { name: "greedy" },
  { name: "modest" },
  { name: "root", groups: ["system:masters"] },
];
const PODS = "/api/v1/namespaces/default/pods";

/** One seat for every level. */
const FEW = { maxRequestsInFlight: 1, maxMutatingRequestsInFlight: 1 };

let server: Awaited<ReturnType<typeof startTestApiServer>>;
async function start(options: Partial<ApiServerOptions>) {
  server = await startTestApiServer({ tokens: tokensOf(USERS), ...options });
  return (name: string) => asUser(server.transport, name);
}
afterEach(() => server.stop());

describe("the limits of requests", () => {
  test("keep one user's hundreds of requests from starving another", async () => {
    const as = await start(FEW);
    let done = 0;
    const flood = Array.from({ length: 300 }, () =>
      as("greedy")("GET", PODS).then(({ status }) => {
        done++;
        return status;
      }),
    );
    expect((await as("modest")("GET", PODS)).status).toBe(200);
    expect(done).toBeLessThan(50);
    const statuses = await Promise.all(flood);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("refuse what is beyond all measure, and say when to come again", async () => {
    const as = await start(FEW);
    const answers = await Promise.all(Array.from({ length: 400 }, () => as("greedy")("GET", PODS)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.headers["retry-after"]).toBe("1");
    expect(refused[0]!.json).toMatchObject({
      reason: "TooManyRequests",
      message: "Too many requests, please try again later.",
    });
    const metrics = (await as("root")("GET", "/metrics")).text;
    expect(metrics).toContain(
      `apiserver_flowcontrol_rejected_requests_total{priority_level="global-default",reason="queue-full"} ${refused.length}`,
    );
    expect(metrics).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 0');
  });

  test("are not for watches, health checks and administrators", async () => {
    const as = await start(FEW);
    const headers = { authorization: "Bearer greedy" };
    const watches = await Promise.all(
      [1, 2, 3].map(() => openWatch(server.transport, `${PODS}?watch=1`, headers)),
    );
    const all = Array.from({ length: 400 }, () => as("root")("GET", PODS));
    const health = Array.from({ length: 400 }, () => as("greedy")("GET", "/healthz"));
    const answers = await Promise.all([...all, ...health]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const watch of watches) watch.close();
  });
});

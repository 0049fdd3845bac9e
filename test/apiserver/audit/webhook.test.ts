/** The server that is told of what happens, many events at a time. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { auditOf } from "../../../src/apiserver/audit/flags.ts";
import { AuditWebhook } from "../../../src/apiserver/audit/webhook.ts";
import { apiServerFlags } from "../../../src/apiserver/flags.ts";
import type { Transport } from "../../../src/client/transport.ts";
import { parseFlags } from "../../../src/component/flags.ts";
import { createLog, silentLog } from "../../../src/component/log.ts";
import { eventually } from "../../support/eventually.ts";
import { TestClock } from "../../support/test-clock.ts";

let clock: TestClock;
/** What came, request by request. */
let lists: { kind: string; apiVersion: string; items: { n: number }[] }[];
let said: string[];
/** How many of the next requests fail. */
let failures: number;
beforeEach(() => {
  clock = new TestClock();
  lists = [];
  said = [];
  failures = 0;
});

const transport: Transport = async ({ body }) => {
  const isRefused = failures-- > 0;
  if (!isRefused) lists.push(JSON.parse(Buffer.from(body!).toString()));
  return { status: isRefused ? 503 : 200, headers: {}, body: { type: "bytes", chunks: [] } };
};
const start = (more: { maxSize?: number; bufferSize?: number } = {}) =>
  new AuditWebhook({
    ...{ transport, path: "/", headers: {}, maxSize: 3, maxWaitMs: 30_000, bufferSize: 10 },
    ...{ initialBackoffMs: 10_000, clock, ...more },
    log: createLog("test", { clock, verbosity: 0, write: (line) => void said.push(line) }),
  });
const tell = (webhook: AuditWebhook, ...numbers: number[]) => {
  for (const n of numbers) webhook.write(`${JSON.stringify({ n })}\n`);
};
const told = () => lists.map(({ items }) => items.map(({ n }) => n));

describe("a webhook of the audit log", () => {
  test("is told of many events at once: as soon as there are enough, or when the first has waited", async () => {
    const webhook = start();
    tell(webhook, 1, 2, 3, 4);
    await eventually(() => expect(told()).toEqual([[1, 2, 3], [4]]));
    expect(lists[0]).toMatchObject({ kind: "EventList", apiVersion: "audit.k8s.io/v1" });
    tell(webhook, 5);
    clock.advance(29_999);
    expect(told()).toHaveLength(2);
    clock.advance(1);
    await eventually(() => expect(told()).toEqual([[1, 2, 3], [4], [5]]));
  });

  test("that fails is told again later, in order", async () => {
    failures = 3;
    const webhook = start();
    tell(webhook, 1, 2, 3);
    await eventually(() => {
      clock.advance(10_000);
      expect(told()).toEqual([[1, 2, 3]]);
    });
    tell(webhook, 4, 5, 6);
    await eventually(() =>
      expect(told()).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expect(said).toEqual([]);
  });

  test("that fails for good loses what it was told five times, and the log says so", async () => {
    failures = 5;
    const webhook = start();
    tell(webhook, 1, 2, 3);
    await eventually(() => {
      clock.advance(60_000);
      expect(said.join("")).toContain(
        "Error in audit plugin 'webhook' affecting 3 audit events: the server responded with the status code 503",
      );
    });
    tell(webhook, 4, 5, 6);
    await eventually(() => expect(told()).toEqual([[4, 5, 6]]));
  });

  test("loses no more than what the buffer does not hold, and is told the rest at the end", async () => {
    failures = 1;
    const webhook = start({ maxSize: 100, bufferSize: 4 });
    tell(webhook, 1, 2, 3, 4, 5);
    expect(said.join("")).toContain("affecting 1 audit events: audit buffer queue blocked");
    failures = 0;
    await webhook.close();
    expect(told()).toEqual([[1, 2, 3, 4]]);
  });

  test("is found by its kubeconfig; other modes are refused", () => {
    const directory = mkdtempSync(join(tmpdir(), "kubeling-audit-"));
    const file = (name: string, content: object) => {
      writeFileSync(join(directory, name), JSON.stringify(content));
      return join(directory, name);
    };
    const rules = [{ level: "Metadata" }];
    const policy = file("policy", { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules });
    const kubeconfig = file("kubeconfig", {
      clusters: [{ name: "it", cluster: { server: "http://127.0.0.1:1/audit" } }],
      contexts: [{ name: "it", context: { cluster: "it" } }],
      "current-context": "it",
    });
    const read = (...args: string[]) =>
      auditOf(parseFlags(apiServerFlags, args).values, { clock, log: silentLog });
    try {
      const asked = [`--audit-policy-file=${policy}`];
      expect(read(...asked)).toBeUndefined();
      expect(read(...asked, `--audit-webhook-config-file=${kubeconfig}`)).toBeDefined();
      expect(() => read(...asked, "--audit-webhook-mode=blocking")).toThrow(
        "--audit-webhook-mode=blocking is not supported; it must be batch",
      );
      expect(() => read(...asked, `--audit-webhook-config-file=${directory}/none`)).toThrow(
        "--audit-webhook-config-file: ENOENT",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

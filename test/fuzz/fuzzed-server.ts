/** An API server that is asked for odd things, and what became of it: its faults and what it stored. */

import { serviceUnavailable } from "../../src/api/errors.ts";
import type { Kind } from "../../src/api/kind.ts";
import { apiVersionOf, type KubeObject } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import type { ApiRequest, ApiResponse } from "../../src/client/transport.ts";
import { type Log, silentLog } from "../../src/component/log.ts";
import { CRDS, cronTabDefinition, established } from "../apiserver/custom-resources/cron-tab.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { CronTabKind } from "./cron-tab-kind.ts";
import type { SeenAnswer } from "./verdict.ts";

const stored = [...kinds.filter(isStored), CronTabKind];
const BYSTANDERS = new Set(["Namespace", "APIService", "ServiceAccount"]);

export type FuzzedServer = Awaited<ReturnType<typeof startFuzzedServer>>;

export async function startFuzzedServer() {
  const errors: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (message, error) => void errors.push(`${message}: ${wordingOf(error)}`),
    named: () => log,
  };
  const server = await startTestApiServer({ log, dial: nobody, connectToKubelet: nobody });
  await ask(server.transport, "POST", CRDS, cronTabDefinition());
  await established(server.transport, "crontabs.stable.example.com");
  return {
    ...server,
    /** What the server itself called an error, each with its stack. */
    errors,
    /** Many at a time; time goes on while they are under way. */
    async answerAll(requests: readonly ApiRequest[]): Promise<SeenAnswer[]> {
      return whileTimeGoesOn(
        Promise.all(requests.map(async (one) => seen(await server.transport(one)))),
      );
    },
    whileTimeGoesOn,
    /** Each stored object that could not be put back as it is. */
    async unsoundObjects(): Promise<string[]> {
      const found: string[] = [];
      for (const kind of stored) {
        for (const object of await objectsOf(kind)) {
          const { name, namespace } = object.metadata;
          const path = `${pathOf(kind, namespace ?? "", name)}?dryRun=All`;
          const { status, text } = await ask(server.transport, "PUT", path, object);
          if (status !== 200 && !isOfBinding(kind, text))
            found.push(`${kind.kind} ${name}: ${text}`);
        }
      }
      return found;
    },
    /** Removes what was stored, and its history. */
    async sweep(): Promise<void> {
      for (const kind of stored) {
        if (BYSTANDERS.has(kind.kind) || kind.kind === "CustomResourceDefinition") continue;
        for (const { metadata } of await objectsOf(kind)) {
          if (!metadata.name.startsWith("fuzz")) continue;
          const path = pathOf(kind, metadata.namespace ?? "", metadata.name);
          const free = { metadata: { finalizers: null } };
          const merge = { "content-type": "application/merge-patch+json" };
          await ask(server.transport, "PATCH", path, free, merge);
          await ask(server.transport, "DELETE", `${path}?gracePeriodSeconds=0`);
        }
      }
      await server.store.compact(await server.store.revision());
    },
  };

  async function whileTimeGoesOn<T>(outcome: Promise<T>): Promise<T> {
    let isUnderWay = true;
    const done = outcome.finally(() => {
      isUnderWay = false;
    });
    while (isUnderWay) {
      await new Promise((resolve) => setImmediate(resolve));
      server.clock.advance(250);
    }
    return done;
  }

  async function objectsOf(kind: Kind): Promise<KubeObject[]> {
    const { json } = await ask(server.transport, "GET", pathOf(kind));
    const fields = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    return (json.items ?? []).map((item: KubeObject) => ({ ...fields, ...item }));
  }
}

/** A Binding is asked for the name of a node, and not whether it could be one. */
function isOfBinding({ kind }: Kind, text: string): boolean {
  return kind === "Pod" && text.includes("spec.nodeName: Invalid value");
}

function isStored({ verbs }: Kind): boolean {
  return verbs === undefined || verbs.includes("update");
}

/** Pods, nodes and services there are none: as those who dial them say it. */
function nobody(): Promise<never> {
  return Promise.reject(serviceUnavailable("error trying to reach service: connection refused"));
}

function wordingOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A stream is listened to for a moment, and left. */
export async function seen({ status, body }: ApiResponse): Promise<SeenAnswer> {
  if (body.type === "bytes") return { status, text: Buffer.concat(body.chunks).toString() };
  const leaving = new AbortController();
  let text = "";
  body.start({
    closed: leaving.signal,
    write: (chunk) => {
      text = Buffer.from(chunk).toString();
      return true;
    },
    drained: async () => undefined,
    end: () => undefined,
    fail: () => undefined,
  });
  await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  return { status, text };
}

/**
 * Who answers for componentstatuses: each part of the control plane is asked at that moment. The store is
 * read; scheduler and controller-manager are knocked at where they serve their health.
 *
 * In Kubernetes: pkg/registry/core/componentstatus/rest.go. Differs: their ports are those without TLS;
 * in one process with the server, each tells of itself.
 */
import { request } from "node:http";
import type { ComponentCondition } from "kubernetes-types/core/v1.js";
import { ComponentStatus } from "../api/component-status.ts";
import { notFound } from "../api/errors.ts";
import type { Clock } from "../component/clock.ts";
import { methodNotAllowed } from "./answer.ts";
import { formOf, listAnswer, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import { CachedObject } from "./storage/cached-object.ts";
import type { Store } from "./storage/store.ts";

/** Resolves to what it says when it is well ("ok"), and fails where it is not. */
export type ComponentProbe = () => Promise<string>;

export type ComponentProbes = Readonly<Record<string, ComponentProbe>>;

const PROBE_TIMEOUT_MS = 20_000;
/** A key that no object has. */
const NO_KEY = "/registry/health";

/** As the daemons are found on one machine where nobody says otherwise. */
export const LOCAL_PROBES: ComponentProbes = {
  scheduler: () => probeHttp("http://127.0.0.1:10251/healthz"),
  "controller-manager": () => probeHttp("http://127.0.0.1:10252/healthz"),
};

export interface ComponentStatusOptions {
  store: Store;
  clock: Clock;
  componentProbes?: ComponentProbes;
}

export function componentStatuses(options: ComponentStatusOptions): SubresourceHandler {
  const { store, clock, componentProbes = LOCAL_PROBES } = options;
  const etcd = () => store.get(NO_KEY).then(() => "ok");
  const probes: ComponentProbes = { ...componentProbes, "etcd-0": etcd };

  return async (kind, call) => {
    const form = formOf(call, clock);
    const { verb, name } = call.info;
    if (verb === "get") {
      if (!Object.hasOwn(probes, name)) throw notFound(kind, name);
      return objectAnswer(kind, await statusOf(name, probes[name]!), form);
    }
    if (verb !== "list") throw methodNotAllowed();
    const objects = await Promise.all(
      Object.entries(probes).map(([each, probe]) => statusOf(each, probe)),
    );
    return listAnswer(kind, { items: objects.map(asItem), revision: 0, continue: "" }, form);
  };
}

async function statusOf(name: string, probe: ComponentProbe): Promise<ComponentStatus> {
  const condition = await probe().then(
    (message): ComponentCondition => ({ type: "Healthy", status: "True", message }),
    (error: Error): ComponentCondition => ({
      type: "Healthy",
      status: "False",
      message: error.message,
    }),
  );
  const { kind, version: apiVersion } = ComponentStatus;
  return { kind, apiVersion, metadata: { name }, conditions: [condition] };
}

function asItem(status: ComponentStatus): CachedObject {
  return new CachedObject("", 0, 0, Buffer.from(JSON.stringify(status)));
}

export function probeHttp(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = ({ message }: Error) => reject(new Error(`Get "${url}": ${message}`));
    const asked = request(url, { timeout: PROBE_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(text));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("context deadline exceeded")));
    asked.on("error", fail);
    asked.end();
  });
}

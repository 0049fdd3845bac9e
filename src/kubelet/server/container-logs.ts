/**
 * GET /containerLogs/<namespace>/<pod>/<container>: the log, at the pace of the reader.
 *
 * In Kubernetes: getContainerLogs in pkg/kubelet/server/server.go
 */
import type { ServerResponse } from "node:http";
import type { Kubelet } from "../kubelet.ts";
import type { LogOptions } from "../runtime/runtime.ts";
import { loggedContainer, podFor, RequestError } from "./container-target.ts";

export async function serveContainerLogs(
  kubelet: Kubelet,
  [namespace = "", podName = "", name = ""]: string[],
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const options = logOptionsOf(query, kubelet.context.clock.now(), gone.signal);
  const pod = podFor(kubelet, namespace, podName);
  const isPrevious = query.get("previous") === "true";
  const { id } = loggedContainer(kubelet, pod, name, isPrevious);
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  await kubelet.options.runtime.logs(id, options, response, response);
  response.end();
}

/** Throws a RequestError for what is not a number or a time. */
export function logOptionsOf(query: URLSearchParams, now: Date, signal: AbortSignal): LogOptions {
  const number = (name: string, least: number) => {
    const text = query.get(name);
    if (text === null || text === "") return undefined;
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    const must = least === 0 ? "greater than or equal to 0" : `greater than ${least - 1}`;
    throw new RequestError(
      422,
      `PodLogOptions "" is invalid: ${name}: Invalid value: ${text}: must be ${must}`,
    );
  };
  const tail = query.get("tail");
  const tailLines = tail && tail !== "all" ? Number(tail) : number("tailLines", 0);
  const limitBytes = number("limitBytes", 1);
  const since = sinceOf(number("sinceSeconds", 1), query.get("sinceTime"), now);
  return {
    follow: query.get("follow") === "true",
    timestamps: query.get("timestamps") === "true",
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
    signal,
  };
}

function sinceOf(seconds: number | undefined, time: string | null, now: Date): Date | undefined {
  if (seconds !== undefined) return new Date(now.getTime() - seconds * 1000);
  if (!time) return undefined;
  const since = new Date(time);
  if (!Number.isNaN(since.getTime())) return since;
  throw new RequestError(400, `unable to decode query: invalid sinceTime ${JSON.stringify(time)}`);
}

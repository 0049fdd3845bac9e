/**
 * pods/log: asked of the pod's kubelet, and passed on as it comes, at the pace of the reader.
 *
 * In Kubernetes: pkg/registry/core/pod/rest/log.go
 */
import type { IncomingMessage } from "node:http";
import { ApiError } from "../api/errors.ts";
import type { Sink } from "../client/transport.ts";
import { text } from "./answer.ts";
import type { SubresourceHandler } from "./handler.ts";
import { askKubelet } from "./kubelet-connection.ts";
import { podLogOptionsOf } from "./pod-log-options.ts";
import { containerOf, nodeOf, podOf } from "./pod-target.ts";
import type { SubresourceOptions } from "./subresources.ts";

export function podLog({ registry, connectToKubelet }: SubresourceOptions): SubresourceHandler {
  return async (_, { info, request }) => {
    const query = podLogOptionsOf(info.query, info.name);
    const pod = await podOf(registry, info);
    const container = containerOf(pod, info.query.get("container") ?? "");
    // A pod that is nowhere has said nothing yet.
    if (!pod.spec.nodeName) return text("");
    const node = await nodeOf(registry, pod);
    const path = `/containerLogs/${info.namespace}/${info.name}/${container}?${query}`;
    const stream = await connectToKubelet(node);
    const answer = await askKubelet(stream, "GET", path, request);
    const status = answer.statusCode ?? 500;
    if (status >= 400) throw await failureOf(answer, status);
    return {
      status,
      headers: { "content-type": "text/plain", "cache-control": "no-cache, private" },
      body: { type: "stream", start: (sink) => void passOn(answer, sink) },
    };
  };
}

/** Sends what is read, no faster than it is taken. */
export async function passOn(from: IncomingMessage, sink: Sink): Promise<void> {
  const stop = () => void from.destroy();
  sink.closed.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (!sink.write(chunk)) await sink.drained();
    }
    sink.end();
  } catch (error) {
    if (!sink.closed.aborted) sink.fail(error as Error);
  }
}

/** A kubelet answers in plain text; a client is told in a Status. */
async function failureOf(answer: IncomingMessage, status: number): Promise<ApiError> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const message = Buffer.concat(chunks).toString().trim();
  const reason = status === 404 ? "NotFound" : status === 400 ? "BadRequest" : "InternalError";
  return new ApiError(status, reason, message || `the kubelet answered ${status}`);
}

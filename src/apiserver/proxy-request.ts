/**
 * Requests passed on: to a pod, a service or a node, through the API server, as `kubectl get --raw
 * .../proxy/` and a browser behind `kubectl proxy` send them.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go
 */
import type { IncomingHttpHeaders } from "node:http";
import { badRequest, serviceUnavailable } from "../api/errors.ts";
import type { ApiRequest } from "../client/transport.ts";
import { isCredential } from "./authentication/impersonation.ts";
import { proxyBackend, streamBackend } from "./backend.ts";
import type { SubresourceHandler } from "./handler.ts";
import { askKubelet } from "./kubelet-connection.ts";
import { passOn } from "./pod-log.ts";
import type { SubresourceOptions } from "./subresources.ts";

/** What concerns one connection only, and our credentials, which are nobody else's business. */
const NOT_PASSED_ON = new Set([
  "authorization",
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function proxyRequest(options: SubresourceOptions): SubresourceHandler {
  return async (_, { info, request, user, warnings, annotate }) => {
    const warn = (sentence: string) => void warnings.push(sentence);
    await options.admitConnection(info, user, { warn, ...(annotate && { annotate }) });
    const backend = await proxyBackend(info, options);
    const stream = await backend.open();
    const answer = await askKubelet(stream, request.method, backend.path, {
      ...request,
      ...(request.signal && { signal: request.signal }),
      headers: passedOn(request),
    }).catch((error: Error) => {
      throw serviceUnavailable(`error trying to reach service: ${error.message}`);
    });
    return {
      status: answer.statusCode ?? 502,
      headers: answerHeaders(answer.headers),
      body: { type: "stream", start: (sink) => void passOn(answer, sink) },
    };
  };
}

/** exec, attach and portforward are streams both ways, which a plain request has not: said once the pod is found. */
export function upgradeRequired(options: SubresourceOptions): SubresourceHandler {
  return async (_, { info }) => {
    await streamBackend(info, options);
    throw badRequest("Upgrade request required");
  };
}

function passedOn({ headers, body }: ApiRequest): Record<string, string> {
  const passed = Object.entries(headers).filter(
    ([name]) => !NOT_PASSED_ON.has(name) && !isCredential(name),
  );
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  return { ...Object.fromEntries(passed), ...length };
}

function answerHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_PASSED_ON.has(name)) kept[name] = value;
  }
  return kept;
}

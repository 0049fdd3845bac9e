/**
 * One group and version that another server answers for: requests are passed on while it is available, and
 * what it serves is kept for discovery.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go,
 * staging/src/k8s.io/apiserver/pkg/endpoints/discovery/aggregated
 */
import type { APIService } from "../../api/apiregistration/api-service.ts";
import { serviceUnavailable } from "../../api/errors.ts";
import type { ApiRequest, ApiResponse } from "../../client/transport.ts";
import { text } from "../answer.ts";
import type { User } from "../authenticate.ts";
import type { Backend } from "../backend.ts";
import type { ApiResource } from "../discovery.ts";
import { passOn } from "../pod-log.ts";
import type { Call } from "../resource-handler.ts";
import type { Claim } from "../resources.ts";
import { RemoteOpenApi } from "./remote-openapi.ts";
import { bodyOf, RemoteServer, type RemoteServerOptions } from "./remote-server.ts";

const DISCOVERY_TIMEOUT_MS = 5_000;
const OF_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

export class RemoteGroup implements Claim {
  readonly service: APIService;
  readonly server: RemoteServer;
  readonly openApi: RemoteOpenApi;
  isAvailable = false;
  /** What it said it serves. */
  resources: readonly ApiResource[] = [];

  constructor(service: APIService, options: RemoteServerOptions) {
    this.service = service;
    this.server = new RemoteServer(service.spec, options);
    this.openApi = new RemoteOpenApi(this.server, `${service.spec.group}/${service.spec.version}`);
  }

  async answer({ request, user, info }: Call): Promise<ApiResponse> {
    if (!this.isAvailable) return unavailable();
    let answer: Awaited<ReturnType<RemoteServer["send"]>>;
    try {
      answer = await this.server.send(request, user);
    } catch (error) {
      if (request.signal?.aborted || !(error instanceof Error)) throw error;
      return unavailable();
    }
    const kept = Object.entries(answer.headers).filter(([name]) => !OF_CONNECTION.has(name));
    const head = {
      status: answer.statusCode ?? 502,
      headers: Object.fromEntries(kept) as ApiResponse["headers"],
    };
    if (info.verb === "watch" || info.query.has("follow")) {
      return { ...head, body: { type: "stream", start: (sink) => void passOn(answer, sink) } };
    }
    return { ...head, body: { type: "bytes", chunks: [await bodyOf(answer)] } };
  }

  backendOf(request: ApiRequest, user: User): Backend {
    if (!this.isAvailable) throw serviceUnavailable("service unavailable");
    return this.server.backendOf(request, user);
  }

  /** Asks what it serves. */
  async discover(): Promise<void> {
    const { group, version } = this.service.spec;
    const { status, body } = await this.server.read(
      `/apis/${group}/${version}`,
      DISCOVERY_TIMEOUT_MS,
    );
    if (status !== 200) return;
    const { resources = [] } = JSON.parse(body.toString()) as { resources?: ApiResource[] };
    this.resources = resources;
  }
}

function unavailable(): ApiResponse {
  return text("service unavailable\n", 503);
}

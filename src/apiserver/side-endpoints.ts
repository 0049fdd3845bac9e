/**
 * What a server answers besides resources: discovery, its version, its OpenAPI; and health and metrics,
 * which are Express's and loaded when first asked for.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/{routes,healthz}
 */

import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import type { Page } from "../component/health-server.ts";
import { aggregatedDiscovery, aggregatedVersionOf, contentTypeOf } from "./aggregated-discovery.ts";
import type { Aggregation } from "./aggregation/aggregation.ts";
import { withRemoteGroups, withRemoteItems } from "./aggregation/remote-discovery.ts";
import { json } from "./answer.ts";
import type { AccountTokens } from "./authentication/account-tokens.ts";
import { answerDiscovery, discoveryPaths } from "./authentication/issuer-discovery.ts";
import { apiGroupList, apiResourceList, apiVersions, groupsOf, versionsOf } from "./discovery.ts";
import type { RequestLimits } from "./flow-control/request-limits.ts";
import { RequestMetrics } from "./metrics.ts";
import { wantsPretty } from "./negotiate.ts";
import type { OpenApiHandler } from "./openapi/openapi-handler.ts";
import type { RequestInfo } from "./request-info.ts";
import type { Call } from "./resource-handler.ts";
import type { Resources } from "./resources.ts";
import type { Store } from "./storage/store.ts";
import { versionInfo } from "./version.ts";

export interface SideEndpointsOptions {
  store: Store;
  resources: Resources;
  limits: RequestLimits;
  accountTokens: AccountTokens | undefined;
  /** Where this server is reached. */
  advertise: { address: string; port: number } | undefined;
  /** What other servers answer for. */
  aggregation(): Aggregation | undefined;
  /** Pages of components in the same process, by path. */
  pages: Readonly<Record<string, Page>>;
}

const OPERATIONS = /^\/(healthz|livez|readyz|metrics|configz|debug\/flags)(\/|$)/;

function isServed(info: RequestInfo, resources: Resources): boolean {
  const kind = resources.of(info);
  const { subresource } = info;
  if (kind === undefined || ["", "status", "scale"].includes(subresource))
    return kind !== undefined;
  return kind.subresources?.some(({ name }) => name === subresource) ?? false;
}

export class SideEndpoints {
  readonly metrics: RequestMetrics;
  /** Told by the server when all it needs is there, and again when it is about to stop. */
  isReady = false;
  readonly #options: SideEndpointsOptions;
  #openApi: OpenApiHandler | undefined;
  #operations: Promise<(request: ApiRequest) => Promise<ApiResponse>> | undefined;

  constructor(options: SideEndpointsOptions) {
    this.#options = options;
    this.metrics = new RequestMetrics((info) => isServed(info, options.resources));
  }

  async answer(call: Call): Promise<ApiResponse | undefined> {
    const { info, request } = call;
    const { path, method } = info;
    if (method !== "GET" && method !== "HEAD") return undefined;
    const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
    const isPretty = wantsPretty(request, info);
    const [group = "", version = ""] = rest;
    const remote = first === "apis" && this.#options.aggregation()?.groupOf(group, version);
    if (remote) return remote.answer(call);
    if (first === "api" || first === "apis") return this.#discovery(first, rest, request, isPretty);
    if (first === "") return json({ paths: this.#paths() }, 200, isPretty);
    if (first === "version") return json(versionInfo(), 200, true);
    if (first === "openapi") return this.#answerOpenApi(call);
    const discovery = answerDiscovery(path, this.#options.accountTokens, this.#url(request));
    if (discovery !== undefined) return discovery;
    // As the original does: who asks for nothing that is there is told what is.
    if (!OPERATIONS.test(path) && !Object.hasOwn(this.#options.pages, path)) {
      return json({ paths: this.#paths() }, 404, isPretty);
    }
    this.#operations ??= this.#loadOperations();
    return (await this.#operations)(request);
  }

  #discovery(root: string, parts: string[], { headers }: ApiRequest, isPretty: boolean) {
    const kinds = this.#options.resources.all;
    const isCore = root === "api";
    const remote = this.#options.aggregation()?.groups ?? [];
    const aggregated = aggregatedVersionOf(headers.accept);
    if (parts.length === 0 && aggregated !== undefined) {
      const own = aggregatedDiscovery(kinds, isCore, aggregated);
      const items = isCore ? own.items : withRemoteItems(own.items, remote);
      const response = json({ ...own, items }, 200, isPretty);
      response.headers["content-type"] = contentTypeOf(aggregated);
      response.headers.vary = "Accept";
      return response;
    }
    const answer = isCore ? coreDiscovery() : groupDiscovery();
    return answer && json(answer, 200, isPretty);

    function coreDiscovery() {
      if (parts.length === 0) return apiVersions(headers.host ?? headers[":authority"] ?? "");
      return parts.length === 1 ? apiResourceList(kinds, "", parts[0]!) : undefined;
    }
    function groupDiscovery() {
      const { groups, ...list } = apiGroupList(kinds);
      const all = withRemoteGroups(groups, remote);
      if (parts.length === 0) return { ...list, groups: all };
      const [name] = parts;
      if (parts.length === 1) {
        const found = all.find((group) => group.name === name);
        return found && { kind: "APIGroup", apiVersion: "v1", ...found };
      }
      return apiResourceList(kinds, parts[0]!, parts[1]!);
    }
  }

  #url({ headers }: ApiRequest): string {
    const { advertise } = this.#options;
    return `https://${advertise ? `${advertise.address}:${advertise.port}` : (headers.host ?? "")}`;
  }

  #paths(): string[] {
    const kinds = this.#options.resources.all;
    const groups = groupsOf(kinds).flatMap((group) => [
      `/apis/${group}`,
      ...versionsOf(kinds, group).map((version) => `/apis/${group}/${version}`),
    ]);
    const others = [
      ...discoveryPaths(this.#options.accountTokens),
      "/healthz",
      "/livez",
      "/metrics",
      "/openapi/v2",
      "/openapi/v3",
      "/readyz",
      "/version",
    ];
    return ["/api", "/api/v1", "/apis", "/apis/", ...groups, ...others].toSorted();
  }

  async #answerOpenApi(call: Call): Promise<ApiResponse | undefined> {
    const { OpenApiHandler } = await import("./openapi/openapi-handler.ts");
    const remote = () => [...(this.#options.aggregation()?.groups ?? [])];
    this.#openApi ??= new OpenApiHandler(
      () => this.#options.resources.described,
      () => remote().map(({ openApi }) => openApi),
    );
    const own = this.#openApi.answer(call.request);
    if (own !== undefined) return own;
    const about = call.info.path.replace(/^\/openapi\/v3\//, "");
    return remote()
      .find(({ openApi }) => openApi.v3Url && openApi.v3Path === about)
      ?.answer(call);
  }

  async #loadOperations() {
    // In a bundle a CommonJS package that is loaded late has nothing but its default.
    const [{ healthApp }, { addProcessMetrics }, { default: prometheus }, { answerWith }] =
      await Promise.all([
        import("../component/health-server.ts"),
        import("../component/process-metrics.ts"),
        import("prom-client"),
        import("./express-bridge.ts"),
      ]);
    const metrics = new prometheus.Registry();
    addProcessMetrics(metrics);
    this.metrics.addTo(metrics);
    this.#options.limits.addTo(metrics);
    const app = healthApp({ metrics, checks: this.#checks(), pages: this.#options.pages });
    return (request: ApiRequest) => answerWith(app, request);
  }

  #checks() {
    const mustBeReady = () => {
      if (!this.isReady) throw new Error("reason withheld");
    };
    return [
      { name: "log", check: () => undefined },
      { name: "etcd", check: async () => void (await this.#options.store.revision()) },
      { name: "poststarthook/bootstrap", check: mustBeReady },
    ];
  }
}

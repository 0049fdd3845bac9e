/**
 * /api/v1beta1, v1beta2 and v1beta3: what v1 has, shown as it looked before there was a v1, so that commands
 * from that time still answer. They are a view: nothing is written through them and discovery does not
 * list them.
 *
 * A request is asked of v1 as the same user, and the answer converted. Each gets an Express application of its
 * own, since that answers as one user.
 *
 * In Kubernetes: removed with 1.0. Differs: there they were whole APIs.
 */
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { ApiError, pathNotFound } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import type { ApiResponse } from "../../client/transport.ts";
import { answerWith } from "../express-bridge.ts";
import { wantsPretty } from "../negotiate.ts";
import type { Call } from "../resource-handler.ts";
import { flatListMeta } from "./flat-meta.ts";
import {
  type LegacyRequest,
  type LegacyTarget,
  type LegacyVersion,
  legacyRequestOf,
} from "./legacy-request.ts";
import { legacyStatus } from "./legacy-status.ts";
import type { Json } from "./omit-empty.ts";

/** Gets a path of v1 as the user who asks. */
export type ReadV1 = (path: string) => Promise<unknown>;

interface V1List {
  metadata: { resourceVersion: string };
  items: KubeObject[];
}

type Parameters = Record<string, string | undefined>;

export function answerLegacy({ request, info }: Call, read: ReadV1): Promise<ApiResponse> {
  return answerWith(legacyApp(read, wantsPretty(request, info)), request);
}

function legacyApp(read: ReadV1, isPretty: boolean): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("case sensitive routing", true);
  app.use("/api/:version", refuseWrites);
  const answer = async (request: Request, response: Response) => {
    send(response, await view(targetOf(request), queryOf(request), read));
  };
  app.get("/api/v1beta3/namespaces/:namespace/:resource{/:id}", answer);
  app.get("/api/:version/:resource{/:id}", answer);
  app.use(() => {
    throw pathNotFound();
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (!(error instanceof ApiError)) return next(error);
    const version = request.path.split("/")[2] as LegacyVersion;
    send(response.status(error.code), legacyStatus(error, version));
  });
  return app;

  function send(response: Response, value: Json): void {
    response.type("json").send(`${JSON.stringify(value, null, isPretty ? 2 : 0)}\n`);
  }
}

function refuseWrites(request: Request, _response: Response, next: NextFunction): void {
  const isWatch = /^\/watch(\/|$)/.test(request.path) || queryOf(request).has("watch");
  if (isWatch || !["GET", "HEAD"].includes(request.method)) {
    const what = isWatch ? "watched" : "written to";
    const why = `${request.baseUrl} is a read-only view of /api/v1: it can be listed and read, but not ${what}`;
    throw new ApiError(405, "MethodNotAllowed", why);
  }
  next();
}

function targetOf(request: Request): LegacyTarget {
  const { version = "v1beta3", resource = "", id, namespace } = request.params as Parameters;
  return { version: version as LegacyVersion, resource, id, namespace };
}

function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(originalUrl.split("?")[1] ?? "");
}

async function view(target: LegacyTarget, query: URLSearchParams, read: ReadV1): Promise<Json> {
  const request = legacyRequestOf(target, query);
  if (request === undefined) throw pathNotFound();
  const found = await read(request.v1Path);
  if (request.id !== "") return converted(found as KubeObject, request);
  const { metadata, items } = found as V1List;
  const views = items.map((item) => converted(item, request));
  return {
    ...listMeta(metadata.resourceVersion, request),
    ...minions(views, request),
    items: views,
  };
}

function converted(obj: KubeObject, { resource, version, name }: LegacyRequest): Json {
  if (version === "v1beta3") return resource.toV1beta3(obj);
  return resource.toFlat(obj, { version, resource: name });
}

function listMeta(
  resourceVersion: string,
  { version, resource, name, namespace }: LegacyRequest,
): Json {
  const { kind, namespaced } = resource.kind;
  if (version !== "v1beta3") {
    const shown = namespaced ? namespace : undefined;
    return flatListMeta(kind, resourceVersion, shown, { version, resource: name });
  }
  const space = namespace === "" ? "" : `/namespaces/${namespace}`;
  const selfLink = `/api/v1beta3${space}/${name}`;
  return { kind: `${kind}List`, apiVersion: version, metadata: { selfLink, resourceVersion } };
}

/** v1beta1 lists its minions twice. */
function minions(views: Json[], { version, resource }: LegacyRequest): Json {
  return version === "v1beta1" && resource.kind.kind === "Node" ? { minions: views } : {};
}

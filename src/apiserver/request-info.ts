/**
 * What is asked of what: a method and a path, read as Kubernetes' grammar of requests.
 *
 *   /api/v1/{resource}[/{name}[/{subresource}]]
 *   /api/v1/namespaces/{namespace}/{resource}[/{name}[/{subresource}[/{rest}]]]
 *   /apis/{group}/{version}/...           the same, for every other group
 *   /api/v1/watch/...                     the old spelling of ?watch=true
 *
 * Everything else ("/version", "/healthz") is a non-resource request.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go
 */

export interface RequestInfo {
  method: string;
  /** Without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  isResourceRequest: boolean;
  /** "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"; else the method in lower case. */
  verb: string;
  group: string;
  version: string;
  namespace: string;
  resource: string;
  name: string;
  subresource: string;
  /** What follows the subresource, with its leading slash: the path given to a proxy. */
  rest: string;
}

const VERBS: Record<string, string> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What may stand below /namespaces/{name} without being a resource in that namespace. */
const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

export function requestInfoOf(method: string, target: string): RequestInfo {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const info: RequestInfo = {
    method,
    path,
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    isResourceRequest: false,
    verb: method.toLowerCase(),
    group: "",
    version: "",
    namespace: "",
    resource: "",
    name: "",
    subresource: "",
    rest: "",
  };
  const parts = path.split("/").slice(1);
  if (parts.at(-1) === "") parts.pop();
  const isCore = parts[0] === "api";
  // Two parts (/api/v1) or three (/apis/apps/v1) are discovery.
  if (!isCore && parts[0] !== "apis") return info;
  if (parts.length < (isCore ? 3 : 4)) return info;
  if (!isCore) info.group = parts[1]!;
  readResource(info, parts.slice(isCore ? 1 : 2));
  return info;
}

function readResource(info: RequestInfo, [version, ...parts]: string[]): void {
  info.isResourceRequest = true;
  info.version = version!;
  info.verb = VERBS[info.method] ?? "";
  const isOldWatch = parts[0] === "watch" && parts.length > 1;
  if (isOldWatch) parts.shift();
  if (parts[0] === "namespaces" && parts.length > 1) {
    info.namespace = decode(parts[1]!);
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2]!)) parts.splice(0, 2);
  }
  const [resource = "", name = "", subresource = "", ...rest] = parts;
  info.resource = resource;
  info.name = decode(name);
  info.subresource = subresource;
  if (rest.length > 0) info.rest = `/${rest.join("/")}`;
  if (subresource !== "" && info.path.endsWith("/")) info.rest += "/";
  if (isOldWatch) info.verb = "watch";
  else if (name === "" && info.verb === "get") info.verb = isWatch(info.query) ? "watch" : "list";
  else if (name === "" && info.verb === "delete") info.verb = "deletecollection";
}

/** A boolean in a query, as Kubernetes reads one: there, and neither "0" nor "false". */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== "false" && value !== "0";
}

function isWatch(query: URLSearchParams): boolean {
  return isSet(query, "watch");
}

/** A part of a path that is not valid percent-encoding names nothing, but breaks nothing either. */
function decode(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

/**
 * What can be asked of the kinds: one operation per path and method, neutral between OpenAPI v2 and
 * v3, which only write the same down differently.
 *
 * kubectl reads from it which kinds know `fieldValidation` and `dryRun`: it looks for those query
 * parameters at the patch operation that names the kind.
 *
 * In Kubernetes: apiserver/pkg/endpoints/installer.go. Differs: the deprecated /watch/ paths are left out.
 */
import { apiVersionOf, type Kind, type Subresource, type Verb } from "../../api/kind.ts";
import { hasSchema, kindOfSchema, schemaNames } from "../../api/schema.ts";

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface Parameter {
  name: string;
  type: "string" | "boolean" | "integer";
  description: string;
}

export interface Operation {
  path: string;
  method: "get" | "put" | "post" | "delete" | "patch";
  /** x-kubernetes-action */
  action: string;
  gvk: GroupVersionKind;
  query: readonly Parameter[];
  /** The names of types. */
  body?: string;
  response?: string;
  consumes: readonly string[];
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
export const PATCH_BODY = `${META}.Patch`;
export const STATUS = `${META}.Status`;
const DELETE_OPTIONS = `${META}.DeleteOptions`;

const text = (name: string, description: string): Parameter => ({
  name,
  type: "string",
  description,
});
const flag = (name: string, description: string): Parameter => ({
  name,
  type: "boolean",
  description,
});
const count = (name: string, description: string): Parameter => ({
  name,
  type: "integer",
  description,
});

export const PRETTY = text("pretty", "If 'true', then the output is pretty printed.");
const dryRun = text("dryRun", "If 'All', nothing is stored: all the rest is done and answered.");
const fieldManager = text("fieldManager", "The name of the actor that makes the change.");
const fieldValidation = text(
  "fieldValidation",
  "What to do about unknown or duplicate fields: Ignore, Warn (the default) or Strict.",
);
const force = flag("force", "Takes fields over from other managers. Only for apply patches.");
const write = [dryRun, fieldManager, fieldValidation];
const deletion = [
  dryRun,
  count("gracePeriodSeconds", "How many seconds the object has left. Zero means at once."),
  flag("orphanDependents", "Deprecated: use propagationPolicy."),
  text("propagationPolicy", "What becomes of its dependents: Orphan, Background or Foreground."),
];
const list = [
  flag("allowWatchBookmarks", "Asks for watch events that carry nothing but a resourceVersion."),
  text("continue", "The token of a previous answer: where to go on."),
  text("fieldSelector", "Restricts the list to objects whose fields match."),
  text("labelSelector", "Restricts the list to objects whose labels match."),
  count("limit", "How many objects to answer with at most."),
  text("resourceVersion", "How old the answer may be."),
  text("resourceVersionMatch", "How resourceVersion is meant: Exact or NotOlderThan."),
  flag("sendInitialEvents", "Lets a watch begin with the objects that exist."),
  count("timeoutSeconds", "How long a list or watch may take."),
  flag("watch", "Streams the changes instead of listing the objects."),
];

const JSON_AND_YAML = ["*/*"];
const STRATEGIC = "application/strategic-merge-patch+json";
const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  STRATEGIC,
  "application/apply-patch+yaml",
];
const ALL: Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

export function operationsOf(kind: Kind): Operation[] {
  const verbs = kind.verbs ?? ALL;
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const base = basePath(kind);
  const collection = kind.namespaced
    ? `${base}/namespaces/{namespace}/${kind.plural}`
    : `${base}/${kind.plural}`;
  const one = `${collection}/{name}`;
  const type = typeOf(kind);
  const all = [
    ...collectionOperations(collection, gvk, type, verbs),
    ...objectOperations(one, gvk, type, verbs),
  ];
  if (kind.namespaced && verbs.includes("list"))
    all.push(listing(`${base}/${kind.plural}`, gvk, type));
  if (kind.hasStatus) {
    all.push(...objectOperations(`${one}/status`, gvk, type, ["get", "patch", "update"]));
  }
  if (kind.scale) {
    const scale = { group: "autoscaling", version: "v1", kind: "Scale" };
    const scaleType = "io.k8s.api.autoscaling.v1.Scale";
    all.push(...objectOperations(`${one}/scale`, scale, scaleType, ["get", "patch", "update"]));
  }
  for (const sub of kind.subresources ?? []) all.push(...subresourceOperations(one, sub, kind));
  return all;
}

/** "/api/v1", "/apis/apps/v1" */
export function basePath(kind: Pick<Kind, "group" | "version">): string {
  return `/${kind.group === "" ? "api" : "apis"}/${apiVersionOf(kind)}`;
}

/** A kind without a schema is named as a custom resource is: com.example.v1.Widget. */
export function typeOf(kind: Pick<Kind, "group" | "version" | "kind" | "schema">): string {
  if (kind.schema !== "") return kind.schema;
  return [...kind.group.split(".").reverse(), kind.version, kind.kind].join(".");
}

function collectionOperations(
  path: string,
  gvk: GroupVersionKind,
  type: string,
  verbs: readonly Verb[],
): Operation[] {
  const made: Operation[] = [];
  if (verbs.includes("list")) made.push(listing(path, gvk, type));
  if (verbs.includes("create")) made.push(creation(path, gvk, type));
  if (verbs.includes("deletecollection")) {
    made.push({
      path,
      method: "delete",
      action: "deletecollection",
      gvk,
      query: [...list.filter(({ name }) => !WATCH_ONLY.has(name)), ...deletion],
      body: DELETE_OPTIONS,
      response: STATUS,
      consumes: JSON_AND_YAML,
    });
  }
  return made;
}

const WATCH_ONLY = new Set(["allowWatchBookmarks", "watch"]);

function listing(path: string, gvk: GroupVersionKind, type: string): Operation {
  const response = `${type}List`;
  return {
    path,
    method: "get",
    action: "list",
    gvk,
    query: list,
    response,
    consumes: JSON_AND_YAML,
  };
}

function creation(path: string, gvk: GroupVersionKind, type: string): Operation {
  return {
    path,
    method: "post",
    action: "post",
    gvk,
    query: write,
    body: type,
    response: type,
    consumes: JSON_AND_YAML,
  };
}

function objectOperations(
  path: string,
  gvk: GroupVersionKind,
  type: string,
  verbs: readonly Verb[],
): Operation[] {
  const common = { path, gvk, response: type, consumes: JSON_AND_YAML };
  const made: Operation[] = [];
  if (verbs.includes("get")) made.push({ ...common, method: "get", action: "get", query: [] });
  if (verbs.includes("update")) {
    made.push({ ...common, method: "put", action: "put", query: write, body: type });
  }
  if (verbs.includes("delete")) {
    const query = deletion;
    made.push({ ...common, method: "delete", action: "delete", query, body: DELETE_OPTIONS });
  }
  if (verbs.includes("patch")) {
    made.push({
      ...common,
      method: "patch",
      action: "patch",
      query: [...write, force],
      body: PATCH_BODY,
      // kubectl sends a strategic patch wherever it is listed here; custom kinds take none.
      consumes: hasSchema(type) ? PATCH_TYPES : PATCH_TYPES.filter((one) => one !== STRATEGIC),
    });
  }
  return made;
}

/** exec, log, binding, eviction...: with a body and an answer where there are types for them. */
function subresourceOperations(one: string, sub: Subresource, kind: Kind): Operation[] {
  const gvk = {
    group: sub.group ?? kind.group,
    version: sub.version ?? kind.version,
    kind: sub.kind,
  };
  const path = `${one}/${sub.name}`;
  const type = typeNamed(gvk);
  if (type !== undefined && sub.name !== "log") {
    const made = objectOperations(path, gvk, type, sub.verbs);
    return sub.verbs.includes("create") ? [creation(path, gvk, type), ...made] : made;
  }
  const action = sub.name === "log" ? "get" : "connect";
  return [...new Set(sub.verbs.map((verb) => METHODS[verb]))].map((method) => {
    return { path, method, action, gvk, query: [], consumes: JSON_AND_YAML };
  });
}

const METHODS: Record<Verb, Operation["method"]> = {
  create: "post",
  delete: "delete",
  deletecollection: "delete",
  get: "get",
  list: "get",
  patch: "patch",
  update: "put",
  watch: "get",
};

let types: Map<string, string> | undefined;

/** The type that a kind is, if it is one of the Kubernetes API. */
function typeNamed(gvk: GroupVersionKind): string | undefined {
  types ??= new Map(
    schemaNames()
      .filter(hasSchema)
      .map((name) => [kindKey(name), name]),
  );
  return types.get(`${apiVersionOf(gvk)} ${gvk.kind}`);
}

function kindKey(name: string): string {
  const kind = kindOfSchema(name);
  return kind ? `${kind.apiVersion} ${kind.kind}` : name;
}

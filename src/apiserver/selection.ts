/**
 * Which objects a list or a watch is about: those under a key prefix that match a label selector and a
 * field selector.
 *
 * In Kubernetes: storage.SelectionPredicate.
 */
import { badRequest } from "../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../api/kind.ts";
import { parseSelector } from "../api/label-selector-parser.ts";
import { matchesSelector } from "../api/labels.ts";
import { parseFieldSelector } from "./field-selector.ts";
import type { RequestInfo } from "./request-info.ts";
import type { CachedObject } from "./storage/cached-object.ts";

export interface Selection {
  kind: Kind;
  /** "/registry/pods/default/" */
  prefix: string;
  /** Nothing is asked but the prefix. */
  isEverything: boolean;
  matches(object: CachedObject): boolean;
  matchesObject(obj: KubeObject): boolean;
}

export function selectionOf(info: RequestInfo, kind: Kind): Selection {
  const labelSelector = info.query.get("labelSelector") ?? "";
  let fieldSelector = info.query.get("fieldSelector") ?? "";
  // The old spelling of a watch may name one object in its path.
  if (info.name !== "") fieldSelector = `metadata.name=${info.name}`;
  const conditions: ((obj: KubeObject) => boolean)[] = [];
  if (labelSelector !== "") conditions.push(labelCondition(labelSelector));
  if (fieldSelector !== "") conditions.push(parseFieldSelector(fieldSelector, kind));
  const matchesObject = (obj: KubeObject) => conditions.every((condition) => condition(obj));
  const isEverything = conditions.length === 0;
  return {
    kind,
    prefix: storageKey(kind, kind.namespaced ? info.namespace : ""),
    isEverything,
    matches: isEverything ? () => true : (cached) => matchesObject(cached.object),
    matchesObject,
  };
}

function labelCondition(selector: string): (obj: KubeObject) => boolean {
  const requirements = parsed(selector);
  return ({ metadata }) => matchesSelector(requirements, metadata.labels);
}

function parsed(selector: string) {
  try {
    return parseSelector(selector);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(error.message);
    throw error;
  }
}

/**
 * What a list or a watch asks for besides a selection, and which askings contradict each other.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/apis/meta/internalversion/validation/validation.go
 */
import { badRequest, invalid } from "../api/errors.ts";
import { type FieldError, forbidden, goQuoted, notSupported } from "../api/field-error.ts";
import { isSet, type RequestInfo } from "./request-info.ts";

export interface ListOptions {
  /** 0: no limit. */
  limit: number;
  continue: string;
  /** "": the newest; "0": any. */
  resourceVersion: string;
  /** The same as a number; 0 for "" and "0". */
  revision: number;
  match: "" | "Exact" | "NotOlderThan";
}

export interface WatchOptions extends ListOptions {
  allowsBookmarks: boolean;
  sendInitialEvents: boolean | undefined;
  timeoutSeconds: number | undefined;
}

const EXACT = "Exact";
const NOT_OLDER_THAN = "NotOlderThan";

export function listOptionsOf(info: RequestInfo): ListOptions {
  const options = read(info);
  refuse(listErrors(options, info.query.has("sendInitialEvents")));
  return options;
}

export function watchOptionsOf(info: RequestInfo): WatchOptions {
  const { query } = info;
  const options: WatchOptions = {
    ...read(info),
    allowsBookmarks: isSet(query, "allowWatchBookmarks"),
    sendInitialEvents: query.has("sendInitialEvents")
      ? isSet(query, "sendInitialEvents")
      : undefined,
    timeoutSeconds: query.has("timeoutSeconds") ? numberOf(query, "timeoutSeconds") : undefined,
  };
  refuse(watchErrors(options));
  return options;
}

function read({ query }: RequestInfo): ListOptions {
  const resourceVersion = query.get("resourceVersion") ?? "";
  // A list does not wait, but reads for how long it might.
  numberOf(query, "timeoutSeconds");
  return {
    limit: numberOf(query, "limit"),
    continue: query.get("continue") ?? "",
    resourceVersion,
    revision: revisionOf(resourceVersion),
    match: (query.get("resourceVersionMatch") ?? "") as ListOptions["match"],
  };
}

function listErrors(options: ListOptions, hasInitialEvents: boolean): FieldError[] {
  const { match, resourceVersion } = options;
  const onEvents = hasInitialEvents
    ? [forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")]
    : [];
  if (match === "") return onEvents;
  const errors: FieldError[] = [];
  const refused = (why: string) => errors.push(forbidden("resourceVersionMatch", why));
  if (resourceVersion === "") {
    refused("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (options.continue !== "") {
    refused("resourceVersionMatch is forbidden when continue is provided");
  }
  if (match !== EXACT && match !== NOT_OLDER_THAN) {
    errors.push(notSupported("resourceVersionMatch", match, [EXACT, NOT_OLDER_THAN, ""]));
  }
  if (match === EXACT && resourceVersion === "0") {
    refused('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  return [...errors, ...onEvents];
}

function watchErrors(options: WatchOptions): FieldError[] {
  const { match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  const refused = (why: string) => errors.push(forbidden("resourceVersionMatch", why));
  if (sendInitialEvents !== undefined && match !== NOT_OLDER_THAN) {
    refused(`sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER_THAN}`);
  }
  if (match === "") return errors;
  if (sendInitialEvents === undefined) {
    refused("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  }
  if (match !== NOT_OLDER_THAN) {
    errors.push(notSupported("resourceVersionMatch", match, [NOT_OLDER_THAN]));
  }
  if (options.continue !== "") {
    refused("resourceVersionMatch is forbidden when continue is provided");
  }
  return errors;
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
}

function revisionOf(resourceVersion: string): number {
  if (resourceVersion === "") return 0;
  if (/^\d{1,15}$/.test(resourceVersion)) return Number(resourceVersion);
  const quoted = JSON.stringify(resourceVersion);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

function numberOf(query: URLSearchParams, name: string): number {
  return Math.max(integerOf(query, name), 0);
}

/** 0 where nothing is said. */
export function integerOf(query: URLSearchParams, name: string): number {
  const value = query.get(name) ?? "";
  if (value === "") return 0;
  const isNumber = /^[+-]?\d+$/.test(value);
  const number = isNumber ? BigInt(value.replace("+", "")) : 0n;
  if (isNumber && BigInt.asIntN(64, number) === number) return Number(number);
  const why = isNumber ? "value out of range" : "invalid syntax";
  throw badRequest(`strconv.ParseInt: parsing ${goQuoted(value)}: ${why}`);
}

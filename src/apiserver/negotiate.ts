/**
 * In which form the client wants its answer: the first clause of `Accept` we can serve. Protobuf is
 * not served; every client that asks for it lists JSON behind it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go
 */
import { notAcceptable } from "../api/errors.ts";
import type { ApiRequest } from "../client/transport.ts";
import type { RequestInfo } from "./request-info.ts";

/** What an object is turned into before it is written. */
export type Shape = "object" | "table" | "metadata";

export interface Form {
  shape: Shape;
  /** Of a table or metadata: "v1" or "v1beta1". */
  version: string;
  encoding: "json" | "yaml";
  isPretty: boolean;
}

const PLAIN: Form = { shape: "object", version: "", encoding: "json", isPretty: false };
const SHAPES: Record<string, Shape> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata",
};
const ENCODINGS: Record<string, Form["encoding"]> = {
  "application/json": "json",
  "application/yaml": "yaml",
  "application/*": "json",
  "*/*": "json",
};

export function negotiate(request: ApiRequest, info: RequestInfo): Form {
  const accept = request.headers.accept;
  const isPretty = wantsPretty(request, info);
  if (accept === undefined || accept === "application/json" || accept === "*/*" || accept === "") {
    return isPretty ? { ...PLAIN, isPretty } : PLAIN;
  }
  for (const clause of clausesOf(accept)) {
    const form = formOf(clause);
    if (form !== undefined) return { ...form, isPretty };
  }
  throw notAcceptable(
    "only the following media types are accepted: application/json, application/yaml",
  );
}

interface Clause {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

/** Best first: by q, else in the order written. */
function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(",").map((clause) => {
    const [type = "", ...rest] = clause.split(";").map((part) => part.trim());
    const parameters = Object.fromEntries(rest.map((pair) => pair.split("=", 2)));
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.q ?? "1") };
  });
  return clauses.toSorted((a, b) => b.quality - a.quality);
}

function formOf({ type, parameters }: Clause): Form | undefined {
  const encoding = ENCODINGS[type];
  if (encoding === undefined) return undefined;
  const { as, g, v = "" } = parameters;
  if (as === undefined) return { ...PLAIN, encoding };
  const shape = SHAPES[as];
  const isServed = shape !== undefined && g === "meta.k8s.io" && (v === "v1" || v === "v1beta1");
  return isServed ? { shape, version: v, encoding, isPretty: false } : undefined;
}

/** Asked for, or a person at a terminal or a browser, as their program's name gives away. */
export function wantsPretty(request: ApiRequest, info: RequestInfo): boolean {
  const asked = info.query.get("pretty");
  if (asked !== null) return asked !== "false" && asked !== "0";
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers["user-agent"] ?? "");
}

/** Whether an answer is one that Kubernetes could have given: the judge of what the fuzzer brings about. */
import type { ApiRequest } from "../../src/client/transport.ts";

export interface SeenAnswer {
  status: number;
  text: string;
}

/**
 * Answers above 499 that Kubernetes gives to a malformed request too. All others are faults of ours.
 *
 * - 500 without a reason: what no rule of its own was made for (an apply of a field that is not in the schema,
 *   a strategic merge of a list that is none); the message is what went wrong.
 * - 500 "Internal Server Error": groups or extra fields of nobody are to be impersonated.
 * - 503: a proxy that does not reach its pod, service or node.
 * - 504: a list or a watch from a version that does not exist yet.
 */
const DECLARED: readonly [code: number, message: RegExp][] = [
  [500, /^Internal Server Error: ".*": requested .* without impersonating a user$/s],
  [500, /^failed to create typed patch object \(/],
  [500, /^failed to convert new object \(/],
  [500, /^error decoding YAML: /],
  [500, /^unable to find api field in struct /],
  [500, /^error dialing backend: /],
  [500, /^Get "?https?:/],
  [500, /^unknown patch type: /],
  [500, /^cannot merge lists without merge key for /],
  [500, /^list element types are not identical: /],
  [500, /^map: .* does not contain declared merge key: /s],
  [500, /^expected a .*, but received a /],
  [500, /^resourceVersion should not be set on objects to be created$/],
  [503, /^no endpoints available for service /],
  [503, /^error trying to reach service: /],
  [504, /^Timeout: etcdserver: mvcc: required revision is a future revision$/],
  [504, /^Too large resource version: \d+, current: \d+$/],
  [504, /^Timeout: Too large resource version: \d+, current: \d+$/],
];

/** The read-only views of the versions before v1 answer in their own. */
const VERSIONS = ["v1", "v1beta1", "v1beta2", "v1beta3"];

/** What is wrong with the answer; undefined: nothing. */
export function faultOf({ method, path }: ApiRequest, { status, text }: SeenAnswer) {
  if (status < 400) return undefined;
  if (method === "HEAD" || isPlainText(path)) return undefined;
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `${status} is no JSON: ${text.slice(0, 200)}`;
  }
  if (status === 404 && Array.isArray(body.paths)) return undefined;
  const { kind, apiVersion, code, message } = body;
  const isStatus =
    kind === "Status" && VERSIONS.includes(String(apiVersion)) && body.status === "Failure";
  if (!isStatus || code !== status || typeof message !== "string" || message === "") {
    return `${status} is no Status: ${text.slice(0, 200)}`;
  }
  if (status < 500) return undefined;
  const isDeclared = DECLARED.some(([one, words]) => one === status && words.test(message));
  return isDeclared ? undefined : `${status} ${message.slice(0, 300)}`;
}

/** Health and metrics answer in plain text. */
function isPlainText(path: string): boolean {
  return /^\/(healthz|livez|readyz|metrics|configz|debug)/.test(path);
}

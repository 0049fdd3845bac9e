/**
 * A request to another version of a kind than the one that is stored: said in the words of the stored
 * kind, and the answer said again in the words of the one that was asked for.
 *
 * In Kubernetes: the codecs between the handlers and the storage, staging/src/k8s.io/apimachinery/pkg/runtime
 * /serializer/versioning. Differs: a patch is a read, a patch of what was read, and an update.
 */
import { isConflict } from "../api/errors.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../api/kind.ts";
import type { OtherVersion } from "../api/served-versions.ts";
import type { ApiResponse, Sink } from "../client/transport.ts";
import { json, NEWLINE } from "./answer.ts";
import { decodeBody } from "./decode.ts";
import { wantsPretty } from "./negotiate.ts";
import { bodyOf, type Call } from "./resource-handler.ts";
import { fieldValidationOf } from "./write-options.ts";

/** Answers for the stored kind. */
type Handle = (kind: Kind, call: Call) => Promise<ApiResponse>;

type Json = Record<string, unknown>;

const PATCH_ATTEMPTS = 5;
const APPLY = "application/apply-patch+";

export async function answerAs(kind: OtherVersion, call: Call, handle: Handle) {
  const { info, request } = call;
  const { kind: stored } = kind.storedAs;
  const { group, version, plural: resource } = stored;
  const inner: Call = { ...call, askedAs: kind, info: { ...info, group, version, resource } };
  const isOfObject = info.subresource === "" || info.subresource === "status";
  const isApply = request.headers["content-type"]?.startsWith(APPLY) ?? false;
  if (isOfObject && info.verb === "patch" && !isApply) return patch(kind, inner, handle);
  const hasObject = info.verb === "create" || info.verb === "update" || isApply;
  if (isOfObject && hasObject) inner.request = withObject(inner, decoded(kind, call), isApply);
  return converted(kind, await handle(stored, inner), call);
}

function decoded(kind: OtherVersion, call: Call): KubeObject {
  const { request, warnings } = call;
  const type = request.headers["content-type"]?.startsWith(APPLY)
    ? "application/yaml"
    : request.headers["content-type"];
  const result = decodeBody(bodyOf(request), type, kind, fieldValidationOf(call));
  warnings.push(...result.warnings);
  return kind.storedAs.toStored(result.object);
}

function withObject({ request }: Call, object: unknown, isApply = false): Call["request"] {
  const type = isApply ? request.headers["content-type"]! : "application/json";
  const headers = { ...request.headers, "content-type": type };
  return { ...request, headers, body: Buffer.from(JSON.stringify(object)) };
}

/** Tried again where another was quicker, unless the patch itself names a version. */
async function patch(kind: OtherVersion, call: Call, handle: Handle): Promise<ApiResponse> {
  const { toStored, fromStored, kind: stored } = kind.storedAs;
  const { applyPatch } = await import("./patch/apply-patch.ts");
  const { headers } = call.request;
  for (let attempt = 1; ; attempt++) {
    const read = { ...call, info: { ...call.info, verb: "get", query: new URLSearchParams() } };
    read.request = { ...call.request, headers: { accept: "application/json" } };
    const current = JSON.parse(textOf(await handle(stored, read))) as KubeObject;
    const { resourceVersion } = current.metadata;
    const patched = applyPatch(
      headers["content-type"],
      bodyOf(call.request),
      fromStored(current),
      kind,
      fieldValidationOf(call),
    );
    call.warnings.push(...patched.warnings);
    const write = { ...call, info: { ...call.info, verb: "update" } };
    write.request = withObject(call, toStored(patched.object));
    try {
      return await converted(kind, await handle(stored, write), call);
    } catch (error) {
      const isLate = patched.object.metadata.resourceVersion === resourceVersion;
      if (!isConflict(error) || !isLate || attempt === PATCH_ATTEMPTS) throw error;
    }
  }
}

async function converted(kind: OtherVersion, response: ApiResponse, { request, info }: Call) {
  const { body, headers, status } = response;
  if (body.type === "stream") {
    const start = (sink: Sink) => body.start(convertingSink(kind, sink));
    return { ...response, body: { type: "stream" as const, start } };
  }
  if (String(headers["content-type"]).startsWith("application/yaml")) {
    const { default: yaml } = await import("yaml");
    const text = yaml.stringify(convertedValue(kind, yaml.parse(textOf(response)) as Json));
    return { ...response, body: { type: "bytes" as const, chunks: [Buffer.from(text)] } };
  }
  const value = convertedValue(kind, JSON.parse(textOf(response)) as Json);
  const answer = json(value, status, wantsPretty(request, info));
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

/** An object, a list, or a table with objects in its rows; anything else is the same in every version. */
function convertedValue(kind: OtherVersion, value: Json): Json {
  const { kind: stored } = kind.storedAs;
  const apiVersion = apiVersionOf(stored);
  if (value.kind === "Table") {
    const rows = (value.rows as Json[]).map((row) => ({ ...row, object: objectOf(row.object) }));
    return { ...value, rows };
  }
  if (value.kind === `${stored.kind}List` && value.apiVersion === apiVersion) {
    const items = (value.items as Json[]).map((item) => {
      const {
        kind: _,
        apiVersion: __,
        ...rest
      } = objectOf({
        kind: stored.kind,
        apiVersion,
        ...item,
      }) as Json;
      return rest;
    });
    return { ...value, kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), items };
  }
  return objectOf(value) as Json;

  function objectOf(one: unknown): unknown {
    const { kind: name, apiVersion: of, metadata } = (one ?? {}) as Partial<KubeObject>;
    if (name !== stored.kind || of !== apiVersion) return one;
    // A bookmark is no object: it has a resourceVersion and nothing to convert.
    if (metadata?.uid === undefined)
      return { ...(one as KubeObject), apiVersion: apiVersionOf(kind) };
    return kind.storedAs.fromStored(one as KubeObject);
  }
}

/** Whole lines arrive, for a watch writes whole events. */
function convertingSink(kind: OtherVersion, sink: Sink): Sink {
  return {
    closed: sink.closed,
    drained: () => sink.drained(),
    end: () => sink.end(),
    fail: (error) => sink.fail(error),
    write(chunk) {
      const lines = Buffer.from(chunk).toString().split("\n").filter(Boolean);
      const events = lines.map((line) => {
        const event = JSON.parse(line) as { type: string; object: Json };
        return JSON.stringify({ ...event, object: convertedValue(kind, event.object) });
      });
      return sink.write(Buffer.concat([Buffer.from(events.join("\n")), NEWLINE]));
    },
  };
}

function textOf({ body }: ApiResponse): string {
  if (body.type === "stream") throw new Error("an object was answered with a stream");
  return Buffer.concat(body.chunks).toString();
}

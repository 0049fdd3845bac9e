/**
 * Answers GET /openapi/v2, /openapi/v3 and below: in the form that is asked for, and with 304 where
 * the client has the document already. A v3 document named with its hash never changes, so a client
 * may keep it for good; one named with an old hash is redirected.
 *
 * In Kubernetes: kube-openapi/pkg/handler, handler3. Differs: v3 is served as JSON only.
 */
import { notAcceptable } from "../../api/errors.ts";
import type { Kind } from "../../api/kind.ts";
import type { ApiRequest, ApiResponse } from "../../client/transport.ts";
import type { Json } from "./definitions.ts";
import { type OpenApiV2, type OpenApiV3, openApiV2, openApiV3 } from "./openapi.ts";

const PROTOBUF_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** The name clients ask by: with an @, which no reply's content type may have. */
const PROTOBUF_V2_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const ONE_YEAR = "public, immutable, max-age=31536000";

/** What a server behind this one says of its types. */
export interface RemoteTypes {
  /** Its part of OpenAPI v2: another object when it is another. */
  v2: Json | undefined;
  /** "apis/wardle.example.com/v1" */
  v3Path: string;
  v3Url: string | undefined;
}

export class OpenApiHandler {
  readonly #kinds: () => readonly Kind[];
  readonly #remote: () => readonly RemoteTypes[];
  #of: readonly Kind[] | undefined;
  #ofRemote: readonly Json[] = [];
  #v2!: OpenApiV2;
  #v3!: OpenApiV3;

  /** `kinds` gives another array when there are other kinds. */
  constructor(kinds: () => readonly Kind[], remote: () => readonly RemoteTypes[] = () => []) {
    this.#kinds = kinds;
    this.#remote = remote;
  }

  /** undefined: there is nothing under this path. */
  answer(request: ApiRequest): ApiResponse | undefined {
    const { pathname, searchParams } = new URL(request.path, "http://localhost");
    this.#refresh();
    if (pathname === "/openapi/v2") return this.#answerV2(request);
    if (pathname === "/openapi/v3" || pathname === "/openapi/v3/") {
      return answerWith(request, this.#v3.index(this.#othersInV3()), "application/json");
    }
    if (!pathname.startsWith("/openapi/v3/")) return undefined;
    return this.#answerV3(request, pathname, searchParams.get("hash"));
  }

  #refresh(): void {
    const kinds = this.#kinds();
    const remote = this.#remote()
      .map(({ v2 }) => v2)
      .filter((v2) => v2 !== undefined);
    const before = this.#ofRemote;
    const isSame = remote.length === before.length && remote.every((one, i) => one === before[i]);
    if (kinds === this.#of && isSame) return;
    if (kinds !== this.#of) this.#v3 = openApiV3(kinds);
    this.#v2 = openApiV2(kinds, remote);
    this.#of = kinds;
    this.#ofRemote = remote;
  }

  #othersInV3(): Record<string, string> {
    const told = this.#remote().flatMap(({ v3Path, v3Url }) => (v3Url ? [[v3Path, v3Url]] : []));
    return Object.fromEntries(told);
  }

  #answerV2(request: ApiRequest): ApiResponse {
    for (const type of acceptedBy(request)) {
      if (type === PROTOBUF_V2 || type === PROTOBUF_V2_ASKED) {
        return answerWith(request, this.#v2.protobuf(), PROTOBUF_V2, this.#v2.etag);
      }
      if (type === "application/json" || type === "*/*" || type === "application/*") {
        return answerWith(request, this.#v2.json(), "application/json", this.#v2.etag);
      }
    }
    throw notAcceptable(
      `only the following media types are accepted: application/json, ${PROTOBUF_V2}`,
    );
  }

  #answerV3(request: ApiRequest, pathname: string, hash: string | null): ApiResponse | undefined {
    const document = this.#v3.document(pathname.slice("/openapi/v3/".length));
    if (!document) return undefined;
    if (hash !== null && hash !== document.etag) {
      const location = `${pathname}?hash=${document.etag}`;
      return { status: 301, headers: { location }, body: { type: "bytes", chunks: [] } };
    }
    const answer = answerWith(request, document.json, "application/json", document.etag);
    if (hash !== null) answer.headers["cache-control"] = ONE_YEAR;
    return answer;
  }
}

/** What the client would take, best first. */
function acceptedBy(request: ApiRequest): string[] {
  const clauses = (request.headers.accept ?? "*/*").split(",").map((clause) => {
    const [type = "", ...parameters] = clause.split(";").map((part) => part.trim());
    const quality = parameters.find((one) => one.startsWith("q="))?.slice(2);
    return { type, quality: Number(quality ?? "1") };
  });
  return clauses.toSorted((a, b) => b.quality - a.quality).map(({ type }) => type);
}

function answerWith(request: ApiRequest, bytes: Buffer, type: string, etag?: string): ApiResponse {
  const headers: Record<string, string> = {
    "content-type": type,
    "cache-control": "no-cache, private",
    vary: "Accept",
    ...(etag !== undefined && { etag: `"${etag}"` }),
  };
  if (etag !== undefined && request.headers["if-none-match"] === `"${etag}"`) {
    return { status: 304, headers, body: { type: "bytes", chunks: [] } };
  }
  return { status: 200, headers, body: { type: "bytes", chunks: [bytes] } };
}

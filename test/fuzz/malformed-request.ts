/**
 * Requests with something wrong in them: one part or several of a request that would be right, so that most come
 * past the first check and are refused deep inside.
 */
import { apiVersionOf, type Kind } from "../../src/api/kind.ts";
import type { ApiRequest } from "../../src/client/transport.ts";
import type { Dice } from "./dice.ts";
import { malformedBody, nameFor } from "./malformed-body.ts";
import { malformedQuery } from "./malformed-query.ts";
import { encoded, ODD_STRINGS } from "./odd-values.ts";

const METHODS = ["GET", "GET", "POST", "POST", "POST", "PUT", "PUT", "PATCH", "PATCH", "DELETE"];
const ODD_METHODS = ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "LINK"];
const SUBRESOURCES = [
  ...[
    "status",
    "scale",
    "log",
    "exec",
    "attach",
    "portforward",
    "proxy",
    "proxy/a/../b",
    "binding",
  ],
  ...[
    "eviction",
    "ephemeralcontainers",
    "finalize",
    "token",
    "approval",
    "constructor",
    "status/x",
  ],
];
const ELSEWHERE = [
  ...["/", "/api", "/apis", "/version", "/healthz", "/livez?verbose", "/readyz/etcd", "/metrics"],
  ...["/openapi/v2", "/openapi/v3", "/openapi/v3/apis/apps/v1", "/swagger.json", "/configz"],
  ...["/.well-known/openid-configuration", "/openid/v1/jwks", "/debug/pprof", "/logs/../etc"],
  ...["/api/v1/../../etc/passwd", "//api//v1//pods", "/api/v1/pods/", "/apis/apps", "/apis//v1/x"],
  ...["/api/v1/watch/pods", "/api/v1/watch", "/api/v1/namespaces//pods", "/api/v1beta3/pods"],
  ...["/apis/__proto__/v1/pods", "/api/constructor/pods", "/apis/apps/v1/toString", "/%", "*", ""],
];
const ACCEPTS = [
  ...["application/json", "*/*", "", "text/html", "application/yaml", "application/json;as=Table"],
  ...["application/json;as=Table;v=v1;g=meta.k8s.io", "application/vnd.kubernetes.protobuf"],
  ...["application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/json;q=0"],
  ...["application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", ";;;", "a/b;c=d;=", ","],
  ...[
    "application/json;as=constructor;v=v1;g=meta.k8s.io",
    "application/cbor",
    "application/json, ;",
  ],
  "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
];

export class RequestMaker {
  readonly #dice: Dice;
  readonly #kinds: readonly Kind[];

  constructor(dice: Dice, kinds: readonly Kind[]) {
    this.#dice = dice;
    this.#kinds = kinds;
  }

  next(): ApiRequest {
    const dice = this.#dice;
    const kind = dice.pick(this.#kinds);
    const method = dice.oneIn(30) ? dice.pick(ODD_METHODS) : dice.pick(METHODS);
    const path = this.#pathFor(kind, method);
    const query = malformedQuery(dice, method, { isTried: isOnlyTried(kind) });
    const { body, contentType } = malformedBody(dice, kind, method);
    return {
      method,
      path: query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`,
      headers: {
        ...this.#headers(),
        ...(contentType === "" ? {} : { "content-type": contentType }),
      },
      ...(body === undefined ? {} : { body }),
    };
  }

  #pathFor(kind: Kind, method: string): string {
    const dice = this.#dice;
    if (dice.oneIn(25)) return dice.pick(ELSEWHERE);
    const namespace = kind.namespaced ? (dice.oneIn(12) ? oddSegment(dice) : "default") : "";
    const version = dice.oneIn(30) ? dice.pick(["v1beta1", "v2", "__internal"]) : kind.version;
    const asked = { ...kind, version };
    if (method === "POST" && !dice.oneIn(8)) return pathOf(asked, namespace);
    const name = dice.oneIn(8) ? oddSegment(dice) : nameFor(dice);
    const path = dice.oneIn(6) ? pathOf(asked, namespace) : pathOf(asked, namespace, name);
    return dice.oneIn(6) ? `${path}/${dice.pick(SUBRESOURCES)}` : path;
  }

  #headers(): Record<string, string> {
    const dice = this.#dice;
    const headers: Record<string, string> = {};
    if (dice.oneIn(3)) headers.accept = dice.pick(ACCEPTS);
    if (dice.oneIn(15)) headers["impersonate-user"] = headerText(dice);
    const isSomebody = headers["impersonate-user"] !== undefined;
    if (dice.oneIn(isSomebody ? 3 : 200)) headers["impersonate-group"] = headerText(dice);
    if (dice.oneIn(isSomebody ? 3 : 200)) headers["impersonate-extra-%zz"] = headerText(dice);
    if (dice.oneIn(25))
      headers.authorization = dice.pick(["Bearer x", "Bearer ", "Basic !", "a.b.c"]);
    if (dice.oneIn(20)) headers["user-agent"] = headerText(dice);
    if (dice.oneIn(20)) headers["accept-encoding"] = dice.pick(["gzip", "gzip;q=x", "br", "*"]);
    if (dice.oneIn(30)) headers["content-encoding"] = dice.pick(["gzip", "deflate"]);
    return headers;
  }
}

/** Without any encoding, unlike the path of a client that means well. */
function pathOf(kind: Kind, namespace: string, name?: string): string {
  const root = kind.group === "" ? "/api" : "/apis";
  const within = namespace === "" ? "" : `/namespaces/${namespace}`;
  const collection = `${root}/${apiVersionOf(kind)}${within}/${kind.plural}`;
  return name === undefined ? collection : `${collection}/${name}`;
}

/** What changes how other requests are answered is only tried: it would call servers that are not there. */
function isOnlyTried({ group, kind }: Kind): boolean {
  return group === "admissionregistration.k8s.io" || kind === "APIService" || kind === "Namespace";
}

function oddSegment(dice: Dice): string {
  const text = dice.pick(ODD_STRINGS);
  return dice.oneIn(4) ? text.replaceAll(/[\s?#]/g, "") : encoded(text);
}

/** No more than HTTP lets through. */
function headerText(dice: Dice): string {
  return dice.pick(ODD_STRINGS).replaceAll(/[^\x20-\x7e]/g, "");
}

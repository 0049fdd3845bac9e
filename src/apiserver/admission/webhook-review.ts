/**
 * AdmissionReview: what a webhook is told of a request, and what may come back.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/request/admissionreview.go
 */
import type { Kind, KubeObject } from "../../api/kind.ts";
import type { AdmissionRequest } from "./admission.ts";
import { operationOf } from "./webhook-match.ts";
import { asVersion } from "./webhook-versions.ts";

export interface AdmissionResponse {
  uid?: string;
  allowed?: boolean;
  status?: { status?: string; message?: string; reason?: string; code?: number };
  /** Base64 of a JSON patch. */
  patch?: string;
  patchType?: string;
  auditAnnotations?: Record<string, string>;
  warnings?: string[];
}

interface Review {
  kind?: string;
  apiVersion?: string;
  response?: AdmissionResponse;
}

const OPTIONS: Record<AdmissionRequest["verb"], string | undefined> = {
  create: "CreateOptions",
  update: "UpdateOptions",
  delete: "DeleteOptions",
  connect: undefined,
};

/** What there is to say of a request, to webhooks and to expressions; `kind`: as which it is shown. */
export async function reviewedRequest(request: AdmissionRequest, kind: Kind) {
  const { user, object, oldObject, subresource } = request;
  const shown = async (one: KubeObject | undefined) =>
    one === undefined ? null : await asVersion(one, request.kind, kind);
  return {
    ...describe(request, kind),
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    object: request.verb === "connect" ? (object ?? null) : await shown(object),
    oldObject: await shown(oldObject),
    dryRun: request.isDryRun,
    options: optionsOf(request),
    ...(subresource && { subResource: subresource, requestSubResource: subresource }),
  };
}

function describe(request: AdmissionRequest, kind: Kind) {
  const { verb, object, name, namespace } = request;
  const isConnection = verb === "connect";
  const shownKind = isConnection
    ? { group: "", version: "v1", kind: object?.kind ?? "" }
    : { group: kind.group, version: kind.version, kind: kind.kind };
  return {
    kind: shownKind,
    resource: resourceOf(kind),
    requestKind: isConnection
      ? shownKind
      : { group: request.kind.group, version: request.kind.version, kind: request.kind.kind },
    requestResource: resourceOf(request.kind),
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation: operationOf(request),
  };
}

function resourceOf({ group, version, plural }: Kind) {
  return { group, version, resource: plural };
}

function optionsOf({ verb, isDryRun }: AdmissionRequest): object | null {
  const kind = OPTIONS[verb];
  if (kind === undefined) return null;
  return { kind, apiVersion: "meta.k8s.io/v1", ...(isDryRun && { dryRun: ["All"] }) };
}

export async function reviewOf(
  request: AdmissionRequest,
  kind: Kind,
  uid: string,
  apiVersion: string,
) {
  return {
    kind: "AdmissionReview",
    apiVersion,
    request: { uid, ...(await reviewedRequest(request, kind)) },
  };
}

/** Throws what is wrong with the answer. */
export function responseIn(
  body: unknown,
  uid: string,
  apiVersion: string,
  isMutating: boolean,
): AdmissionResponse {
  const { kind, apiVersion: said, response } = (body ?? {}) as Review;
  if (response === undefined || response === null) throw new Error("webhook response was absent");
  if (!apiVersion.endsWith("/v1")) return withPatchType(response);
  if (response.uid !== uid) {
    const other = JSON.stringify(response.uid ?? "");
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${other}`);
  }
  if (said !== apiVersion || kind !== "AdmissionReview") {
    const got = `${said ?? ""}, Kind=${kind ?? ""}`;
    throw new Error(`expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${got}`);
  }
  checkPatch(response, isMutating);
  return response;
}

/** v1beta1 did not ask for one. */
function withPatchType(response: AdmissionResponse): AdmissionResponse {
  return response.patch ? { ...response, patchType: "JSONPatch" } : response;
}

function checkPatch({ patch = "", patchType }: AdmissionResponse, isMutating: boolean): void {
  if (!isMutating) {
    if (patch !== "") throw new Error("validating webhook may not return response.patch");
    if (patchType) throw new Error("validating webhook may not return response.patchType");
    return;
  }
  if (patch !== "" && patchType === undefined) {
    throw new Error("webhook returned response.patch but not response.patchType");
  }
  if (patch === "" && patchType !== undefined) {
    throw new Error("webhook returned response.patchType but not response.patch");
  }
  if (patch !== "" && patchType !== "JSONPatch") {
    throw new Error(
      `webhook returned invalid response.patchType of ${JSON.stringify(patchType ?? "")}`,
    );
  }
}

/**
 * AdmissionReview: what a webhook is told of a request, and what may come back.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/request/admissionreview.go
 */
import type { Operation } from "fast-json-patch";
import type { Kind } from "../../api/kind.ts";
import type { AdmissionRequest, ObjectKind } from "./admission.ts";
import { operationOf } from "./webhook-match.ts";
import { asSeenBefore, asShown } from "./webhook-versions.ts";

export interface AdmissionResponse {
  uid?: string;
  allowed?: boolean;
  status?: { status?: string; message?: string; reason?: string; code?: number };
  /** Base64 of a JSON patch. */
  patch?: string;
  /** What it says. */
  operations?: Operation[];
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
export async function reviewedRequest(request: AdmissionRequest, kind: Kind, shown = asShown) {
  const { user, object, oldObject, subresource } = request;
  return {
    ...describe(request, kind),
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    object: object === undefined ? null : await shown(request, object, kind),
    oldObject: oldObject === undefined ? null : await asShown(request, oldObject, kind),
    dryRun: request.isDryRun,
    options: optionsOf(request),
    ...(subresource && { subResource: subresource, requestSubResource: subresource }),
  };
}

function describe(request: AdmissionRequest, kind: Kind) {
  const { name, namespace, objectKind, isNameGenerated, askedAs = request.kind } = request;
  return {
    kind: kindOf(objectKind ?? kind),
    resource: resourceOf(kind),
    requestKind: kindOf(objectKind ?? askedAs),
    requestResource: resourceOf(askedAs),
    ...(name && !isNameGenerated && { name }),
    ...(namespace && { namespace }),
    operation: operationOf(request),
  };
}

function kindOf({ group, version, kind }: ObjectKind) {
  return { group, version, kind };
}

function resourceOf({ group, version, plural }: Kind) {
  return { group, version, resource: plural };
}

function optionsOf({ verb, isDryRun, options }: AdmissionRequest): object | null {
  const kind = OPTIONS[verb];
  if (kind === undefined) return null;
  const dryRun = isDryRun && { dryRun: ["All"] };
  return { ...options, kind, apiVersion: "meta.k8s.io/v1", ...dryRun };
}

export async function reviewOf(
  request: AdmissionRequest,
  kind: Kind,
  uid: string,
  apiVersion: string,
  isMutating: boolean,
) {
  const reviewed = await reviewedRequest(request, kind, isMutating ? asSeenBefore : asShown);
  return { kind: "AdmissionReview", apiVersion, request: { uid, ...reviewed } };
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

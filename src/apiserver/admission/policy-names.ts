/**
 * What an expression of admission may speak of: object, oldObject, request, namespaceObject, authorizer. Made
 * once for a request and the kind it is shown as.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/cel/{activation,filter}.go
 */
import { Authorizer as CelAuthorizer } from "../../api/admissionregistration/cel/authorizer.ts";
import { celObject } from "../../api/admissionregistration/cel/object-values.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Authorizer } from "../authorize.ts";
import type { AdmissionRequest } from "./admission.ts";
import { reviewedRequest } from "./webhook-review.ts";

export type Names = Record<string, unknown>;

export async function namesOf(
  request: AdmissionRequest,
  kind: Kind,
  authorizer: Authorizer,
  namespace: KubeObject | undefined,
): Promise<Names> {
  const { object, oldObject, ...about } = await reviewedRequest(request, kind);
  const shown = request.objectKind ?? kind;
  return {
    object: object === null ? null : celObject(object, shown),
    oldObject: oldObject === null ? null : celObject(oldObject, shown),
    request: { name: "", namespace: "", subResource: "", requestSubResource: "", ...about },
    namespaceObject:
      namespace === undefined ? null : celObject(namespace, Namespace as unknown as Kind),
    authorizer: new CelAuthorizer(async (asked) => {
      const isResourceRequest = asked.path === "";
      const decision = await authorizer(request.user, {
        ...asked,
        isResourceRequest,
        version: "*",
      });
      return {
        allowed: decision.allowed,
        reason: decision.allowed ? (decision.explain?.() ?? "") : decision.reason,
      };
    }),
  };
}

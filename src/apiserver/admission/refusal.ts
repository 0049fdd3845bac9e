/**
 * How a plug-in refuses: 403, with its reason, and the name of what was refused.
 *
 * In Kubernetes: NewForbidden in staging/src/k8s.io/apiserver/pkg/admission/errors.go
 */
import { type ApiError, forbiddenRequest } from "../../api/errors.ts";
import type { AdmissionRequest } from "./admission.ts";

export function refusal({ kind, name, object }: AdmissionRequest, why: string): ApiError {
  return forbiddenRequest(kind, name || (object?.metadata.generateName ?? "Unknown"), why);
}

/**
 * The same from a plug-in that in Kubernetes sees a draft before it has its name: of a name that is being
 * made up, it shows the part that was asked for.
 */
export function earlyRefusal(request: AdmissionRequest, why: string): ApiError {
  const { verb, name, object } = request;
  const { generateName = "" } = object?.metadata ?? {};
  const isMadeUp = verb === "create" && generateName !== "" && name.startsWith(generateName);
  return refusal(isMadeUp ? { ...request, name: generateName } : request, why);
}

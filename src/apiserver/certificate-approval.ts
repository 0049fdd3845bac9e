/**
 * certificatesigningrequests/approval: the door through which a request is approved or denied, and nothing else
 * of it changed.
 *
 * In Kubernetes: csrApprovalStrategy in pkg/registry/certificates/certificates/strategy.go
 */
import type { CertificateSigningRequest } from "../api/certificates/certificate-signing-request.ts";
import {
  validateCertificateSigningRequest,
  validateRequestUpdate,
} from "../api/certificates/certificate-signing-request-validation.ts";
import { invalid, notFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { formOf, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import { patchedBy } from "./patch-request.ts";
import type { Change } from "./registry.ts";
import {
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { decodeQuestion } from "./review.ts";
import { copyOf } from "./stored-object.ts";
import { fieldValidationOf } from "./write-options.ts";

export function approveCertificate({
  registry,
  clock,
}: ResourceHandlerOptions): SubresourceHandler {
  return async (kind, call) => {
    const form = formOf(call, clock);
    const target = targetOf(kind, call.info);
    if (call.info.verb === "get") {
      return objectAnswer(kind, await registry.get(kind, "", target.name), form);
    }
    const isPatch = call.info.verb === "patch";
    const change = isPatch
      ? patchedBy(kind, call, fieldValidationOf(call))
      : replacedBy(kind, call);
    const { object } = await registry.update(
      target,
      async (current) => {
        if (current === undefined) throw notFound(kind, target.name);
        return decided(kind, await change(copyOf(current)), current);
      },
      writeContextOf(call),
    );
    return objectAnswer(kind, object, form);
  };
}

function replacedBy(kind: Kind, call: Call): Change {
  const body = decodeQuestion<KubeObject>(kind, call);
  return () => copyOf(body);
}

/** The request as it was, with the conditions and metadata of the new one. */
function decided(kind: Kind, changed: KubeObject, current: KubeObject): KubeObject {
  const old = current as CertificateSigningRequest;
  const request = { ...changed, spec: old.spec } as CertificateSigningRequest;
  const { certificate } = old.status ?? {};
  const { conditions } = request.status ?? {};
  request.status = { ...(certificate && { certificate }), ...(conditions && { conditions }) };
  const errors = [
    ...validateCertificateSigningRequest(request),
    ...validateRequestUpdate(request, old, "approval"),
  ];
  if (errors.length > 0) throw invalid(kind, old.metadata.name, errors);
  return request;
}

/**
 * Who asks for a certificate is written down by the server, whatever the request says; and when something was
 * decided on it. Always on: it is a part of the kind that needs to know the user and the time.
 *
 * In Kubernetes: PrepareForCreate and populateConditionTimestamps in
 * pkg/registry/certificates/certificates/strategy.go
 */
import { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { type Clock, toApiTime } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import type { AdmissionPlugin } from "./admission.ts";

export function certificateRequester({ clock }: { clock: Clock }): AdmissionPlugin {
  return {
    name: "CertificateRequester",
    admit({ verb, kind, object, oldObject, user }) {
      if (object === undefined || kind.schema !== CertificateSigningRequest.schema) return;
      const request = object as CertificateSigningRequest;
      if (verb === "create") setRequester(request, user);
      else setTimes(request, oldObject as CertificateSigningRequest, toApiTime(clock.now()));
    },
  };
}

function setRequester({ spec }: CertificateSigningRequest, { name, uid, groups, extra }: User) {
  for (const field of ["username", "uid", "groups", "extra"] as const) delete spec[field];
  Object.assign(spec, {
    username: name,
    ...(uid && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra && { extra }),
  });
}

function setTimes(
  { status }: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: string,
): void {
  for (const condition of status?.conditions ?? []) {
    const before = old.status?.conditions?.find(({ type }) => type === condition.type);
    const isSame = before?.status === condition.status;
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??= (isSame ? before?.lastTransitionTime : undefined) ?? now;
  }
}

/**
 * What a CertificateSigningRequest must fulfil, and what each of its three doors may change: the main one
 * nothing, /approval the decision, /status the certificate, once.
 *
 * In Kubernetes: pkg/apis/certificates/validation/validation.go
 */
import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequestCondition } from "kubernetes-types/certificates/v1.js";
import {
  duplicate,
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import type { CertificateSigningRequest } from "./certificate-signing-request.ts";
import { readPemRequest } from "./pem-request.ts";
import { signerNameErrors } from "./signer-name.ts";
import { LEGACY_UNKNOWN } from "./signers.ts";

const USAGES = [
  ...["any", "cert sign", "client auth", "code signing", "content commitment", "crl sign"],
  ...["data encipherment", "decipher only", "digital signature", "email protection"],
  ...["encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement"],
  ...["key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime"],
  ...["server auth", "signing", "timestamping"],
];
const LEAST_SECONDS = 600;
const DECISIONS = ["Approved", "Denied", "Failed"];

export function validateCertificateSigningRequest({
  spec,
  status,
}: CertificateSigningRequest): FieldError[] {
  const { request = "", usages = [], signerName = "", expirationSeconds } = spec;
  const errors = [...requestErrors(request), ...usageErrors(usages)];
  if (signerName === LEGACY_UNKNOWN) {
    const why = "the legacy signerName is not allowed via this API version";
    errors.push(invalidValue("spec.signerName", signerName, why));
  } else errors.push(...signerNameErrors("spec.signerName", signerName));
  if (expirationSeconds !== undefined && expirationSeconds < LEAST_SECONDS) {
    const why = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(invalidValue("spec.expirationSeconds", expirationSeconds, why));
  }
  errors.push(...conditionErrors(status?.conditions ?? []));
  if (status?.certificate) errors.push(...certificateErrors(status.certificate));
  return errors;
}

/** What may not change through the door: "", "status" or "approval". */
export function validateRequestUpdate(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  door: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const more = (type: string) => ofType(request, type).length - ofType(old, type).length;
  const refuse = (why: string) => void errors.push(forbidden("status.conditions", why));
  for (const type of DECISIONS) {
    if (more(type) < 0) refuse(`updates may not remove a condition of type "${type}"`);
  }
  for (const type of door === "approval" ? [] : ["Approved", "Denied"]) {
    if (more(type) > 0) refuse(`updates may not add a condition of type "${type}"`);
  }
  const [now = "", before = ""] = [request.status?.certificate, old.status?.certificate];
  if (now === before) return errors;
  if (door !== "status") {
    errors.push(forbidden("status.certificate", "updates may not set certificate content"));
  } else if (before !== "") {
    const why = "updates may not modify existing certificate content";
    errors.push(forbidden("status.certificate", why));
  }
  return errors;
}

function ofType({ status }: CertificateSigningRequest, type: string) {
  return (status?.conditions ?? []).filter((condition) => condition.type === type);
}

function requestErrors(request: string): FieldError[] {
  try {
    readPemRequest(request);
    return [];
  } catch (error) {
    const bytes = [...Buffer.from(request, "base64")].map((byte) => `0x${byte.toString(16)}`);
    const shown = bytes.length === 0 ? "(nil)" : `{${bytes.join(", ")}}`;
    const value = new GoStruct("[]byte", {}, shown);
    return [invalidValue("spec.request", value, (error as Error).message)];
  }
}

function usageErrors(usages: readonly string[]): FieldError[] {
  if (usages.length === 0) return [required("spec.usages")];
  const unknown = usages.flatMap((usage, i) =>
    USAGES.includes(usage) ? [] : [notSupported(`spec.usages[${i}]`, usage, USAGES)],
  );
  const again = usages.flatMap((usage, i) =>
    usages.indexOf(usage) === i ? [] : [duplicate(`spec.usages[${i}]`, usage)],
  );
  return [...unknown, ...again];
}

function conditionErrors(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { type = "", status = "" }] of conditions.entries()) {
    const path = `status.conditions[${i}]`;
    if (type === "") errors.push(required(`${path}.type`));
    errors.push(...statusErrors(`${path}.status`, type, status));
    const opposite = { Approved: "Denied", Denied: "Approved" }[type];
    if (opposite !== undefined && seen.has(opposite)) {
      const why = "Approved and Denied conditions are mutually exclusive";
      errors.push(invalidValue(`${path}.type`, type, why));
    }
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
  }
  return errors;
}

/** What has been decided is so: there is no "not approved". */
function statusErrors(path: string, type: string, status: string): FieldError[] {
  const supported = DECISIONS.includes(type) ? ["True"] : ["False", "True", "Unknown"];
  if (status === "") return [required(path)];
  return supported.includes(status) ? [] : [notSupported(path, status, supported)];
}

const BLOCK = /-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g;

/** Whatever it is that its bytes lack, Go has one sentence for it. */
function faultIn(certificate: string): string | undefined {
  if (/^[A-Za-z-]+: /m.test(certificate)) return "no PEM block headers are permitted";
  try {
    return new X509Certificate(certificate) && undefined;
  } catch {
    return "x509: malformed certificate";
  }
}

function certificateErrors(encoded: string): FieldError[] {
  const wrong = (why: string) => [invalidValue("status.certificate", "<certificate data>", why)];
  const blocks = [...Buffer.from(encoded, "base64").toString().matchAll(BLOCK)];
  if (blocks.length === 0) return wrong("must contain at least one CERTIFICATE PEM block");
  for (const [text, type] of blocks) {
    if (type !== "CERTIFICATE") {
      return wrong(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`);
    }
    const fault = faultIn(text);
    if (fault !== undefined) return wrong(fault);
  }
  return [];
}

/**
 * A TokenRequest asks for a token of a service account (`kubectl create token`). It is no resource of its own
 * but a subresource, serviceaccounts/token.
 *
 * In Kubernetes: pkg/apis/authentication/validation/validation.go
 */
import type { TokenRequestSpec, TokenRequestStatus } from "kubernetes-types/authentication/v1.js";
import { type FieldError, invalidValue } from "../field-error.ts";
import type { KubeObject } from "../kind.ts";

export interface TokenRequest extends KubeObject {
  spec: TokenRequestSpec;
  status?: TokenRequestStatus;
}

/** As decoding and errors know it. */
export const TOKEN_REQUEST = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  schema: "io.k8s.api.authentication.v1.TokenRequest",
};

const DEFAULT_SECONDS = 3_600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;

export function setTokenRequestDefaults({ spec }: TokenRequest): void {
  spec.expirationSeconds ??= DEFAULT_SECONDS;
}

export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const seconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
  const wrong = (why: string) => [invalidValue("spec.expirationSeconds", seconds, why)];
  if (seconds < LEAST_SECONDS) return wrong("may not specify a duration less than 10 minutes");
  if (seconds > MOST_SECONDS) return wrong("may not specify a duration larger than 2^32 seconds");
  return [];
}

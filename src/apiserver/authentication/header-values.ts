/**
 * What headers about users hold: several values, and keys that may be percent-encoded.
 *
 * In Kubernetes: unescapeExtraKey in staging/src/k8s.io/apiserver/pkg/{authentication/request/headerrequest,endpoints/filters}
 */
import type { ApiRequest } from "../../client/transport.ts";

/** A header that was sent several times has its values on lines of their own (wire.ts). */
export function valuesOf(headers: ApiRequest["headers"], name: string): string[] {
  return headers[name.toLowerCase()]?.split("\n") ?? [];
}

/** A key that is not valid percent-encoding is taken as it is. */
export function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}

/**
 * A failure as the legacy versions tell it: flat in v1beta1 and v1beta2, where the object's name is its id.
 *
 * In Kubernetes: Status in pkg/api/v1beta1/types.go (v0.14)
 */
import type { ApiError } from "../../api/errors.ts";
import type { LegacyVersion } from "./legacy-request.ts";
import { type Json, omitEmpty } from "./omit-empty.ts";

export function legacyStatus({ status: failure }: ApiError, version: LegacyVersion): Json {
  const { status, message, reason, code, details = {} } = failure;
  const { name, kind, causes, retryAfterSeconds } = details;
  const shown = { kind, causes, retryAfterSeconds };
  if (version === "v1beta3") {
    const about = omitEmpty({ name, ...shown });
    return {
      ...{ kind: "Status", apiVersion: version, metadata: {} },
      ...omitEmpty({ status, message, reason, details: about, code }),
    };
  }
  const about = omitEmpty({ id: name, ...shown });
  return {
    ...{ kind: "Status", creationTimestamp: null, apiVersion: version },
    ...omitEmpty({ status, message, reason, details: about, code }),
  };
}

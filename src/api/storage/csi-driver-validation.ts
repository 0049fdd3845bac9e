/**
 * What a CSI driver may say of itself.
 *
 * In Kubernetes: pkg/apis/storage/validation/validation.go (validateCSIDriverSpec)
 */
import { isDeepStrictEqual } from "node:util";
import type { CSIDriverSpec, TokenRequest } from "kubernetes-types/storage/v1.js";
import {
  duplicate,
  type FieldError,
  GoStruct,
  invalidValue,
  notSupported,
} from "../field-error.ts";

const GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const MODES = ["Persistent", "Ephemeral"];
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;
const IMMUTABLE = "field is immutable";

export function validateCsiDriver(spec: CSIDriverSpec): FieldError[] {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec;
  const errors: FieldError[] = [];
  if (fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(fsGroupPolicy)) {
    errors.push(notSupported("spec.fsGroupPolicy", fsGroupPolicy, GROUP_POLICIES));
  }
  errors.push(...tokenErrors(tokenRequests, "spec.tokenRequests"));
  const unknown = volumeLifecycleModes.filter((mode) => !MODES.includes(mode));
  errors.push(...unknown.map((mode) => notSupported("spec.volumeLifecycleModes", mode, MODES)));
  return errors;
}

function tokenErrors(requests: TokenRequest[], path: string): FieldError[] {
  const audiences = requests.map(({ audience }) => audience ?? "");
  return requests.flatMap(({ expirationSeconds: seconds }, index) => {
    const at = `${path}[${index}]`;
    const audience = audiences[index]!;
    const errors: FieldError[] = [];
    if (audiences.indexOf(audience) < index) return [duplicate(`${at}.audience`, audience)];
    if (seconds === undefined) return errors;
    const wrong = (why: string) =>
      void errors.push(invalidValue(`${at}.expirationSeconds`, seconds, why));
    if (seconds < LEAST_SECONDS) wrong("may not specify a duration less than 10 minutes");
    if (seconds > MOST_SECONDS) wrong("may not specify a duration larger than 2^32 seconds");
    return errors;
  });
}

export function validateCsiDriverUpdate(spec: CSIDriverSpec, old: CSIDriverSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.attachRequired !== old.attachRequired) {
    errors.push(invalidValue("spec.attachedRequired", spec.attachRequired, IMMUTABLE));
  }
  const { volumeLifecycleModes: modes = [] } = spec;
  if (!isDeepStrictEqual(modes, old.volumeLifecycleModes ?? [])) {
    const list = modes.map((mode) => JSON.stringify(mode)).join(", ");
    const value = new GoStruct("[]storage.VolumeLifecycleMode", {}, `{${list}}`);
    errors.push(invalidValue("spec.volumeLifecycleModes", value, IMMUTABLE));
  }
  // Looked at a second time, as Kubernetes does.
  return [...errors, ...tokenErrors(spec.tokenRequests ?? [], "spec.tokenRequests")];
}

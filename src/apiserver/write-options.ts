/**
 * The options of a write (CreateOptions, UpdateOptions, PatchOptions, DeleteOptions), as the query says
 * them: dryRun, fieldManager, fieldValidation and force, refused where they make no sense.
 *
 * In Kubernetes: apimachinery/pkg/apis/meta/v1/validation/validation.go
 */
import { invalid } from "../api/errors.ts";
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from "../api/field-error.ts";
import { isPrintable, MANAGER_LENGTH_MAX } from "./apply/manager-name.ts";
import type { FieldValidation } from "./decode.ts";
import type { Call } from "./resource-handler.ts";

const OPTIONS: Record<string, string> = {
  create: "CreateOptions",
  update: "UpdateOptions",
  patch: "PatchOptions",
};
const FIELD_VALIDATIONS = ["", "Ignore", "Strict", "Warn"];

export const APPLY_PATCH = "application/apply-patch+yaml";

/** A PATCH that is a configuration to be applied. */
export function isApply({ request, info }: Call): boolean {
  if (info.verb !== "patch") return false;
  const [type = ""] = (request.headers["content-type"] ?? "").split(";", 1);
  return type.trim() === APPLY_PATCH;
}

/** Whether nothing is to be written. `inBody`: what DeleteOptions say of it. Throws an ApiError. */
export function isDryRunOf(call: Call, inBody: string[] = []): boolean {
  const asked = [...call.info.query.getAll("dryRun"), ...inBody];
  checkOptions(call, asked);
  return asked.length > 0;
}

/** As asked; Warn where nothing is. Checked by `isDryRunOf` too, which every write calls. */
export function fieldValidationOf(call: Call): FieldValidation {
  const asked = call.info.query.get("fieldValidation") ?? "";
  if (asked === "") return "Warn";
  if (FIELD_VALIDATIONS.includes(asked)) return asked as FieldValidation;
  throw refused(call, fieldValidationErrors(asked));
}

function checkOptions(call: Call, dryRun: string[]): void {
  const { query, verb } = call.info;
  const errors: FieldError[] = [];
  if (verb === "patch") errors.push(...patchErrors(call));
  const isDelete = !Object.hasOwn(OPTIONS, verb);
  if (!isDelete) errors.push(...managerErrors(query.get("fieldManager") ?? ""));
  if (dryRun.some((one) => one !== "All")) errors.push(notSupported("dryRun", dryRun, ["All"]));
  if (!isDelete) errors.push(...fieldValidationErrors(query.get("fieldValidation") ?? ""));
  if (errors.length > 0) throw refused(call, errors);
}

function patchErrors(call: Call): FieldError[] {
  const { query } = call.info;
  if (isApply(call)) {
    if (query.get("fieldManager")) return [];
    return [required("fieldManager", "is required for apply patch")];
  }
  return query.has("force") ? [forbidden("force", "may not be specified for non-apply patch")] : [];
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MANAGER_LENGTH_MAX) {
    errors.push(tooLong("fieldManager", MANAGER_LENGTH_MAX));
  }
  let at = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      const why = `invalid character U+${code} (at position ${at})`;
      errors.push(invalidValue("fieldManager", manager, why));
    }
    at += Buffer.byteLength(character);
  }
  return errors;
}

function fieldValidationErrors(asked: string): FieldError[] {
  if (FIELD_VALIDATIONS.includes(asked)) return [];
  return [notSupported("fieldValidation", asked, FIELD_VALIDATIONS)];
}

function refused({ info }: Call, errors: FieldError[]) {
  const kind = Object.hasOwn(OPTIONS, info.verb) ? OPTIONS[info.verb]! : "DeleteOptions";
  return invalid({ group: "meta.k8s.io", kind }, "", errors);
}

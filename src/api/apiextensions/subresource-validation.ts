/**
 * Subresources: a scale has to say where its numbers are, wishes under spec and facts under status.
 *
 * In Kubernetes: ValidateCustomResourceDefinitionSubresources in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
 */
import type { CustomResourceSubresources } from "kubernetes-types/apiextensions/v1.js";
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { simplePathErrors } from "./column-validation.ts";

export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  path: string,
): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const { specReplicasPath = "", statusReplicasPath = "", labelSelectorPath = "" } = scale;
  const at = `${path}.scale`;
  return [
    ...pathErrors(specReplicasPath, `${at}.specReplicasPath`, [".spec."], "under .spec"),
    ...pathErrors(statusReplicasPath, `${at}.statusReplicasPath`, [".status."], "under .status"),
    ...(labelSelectorPath === ""
      ? []
      : pathErrors(
          labelSelectorPath,
          `${at}.labelSelectorPath`,
          [".spec.", ".status."],
          "under either .spec or .status",
        )),
  ];
}

function pathErrors(value: string, path: string, starts: string[], where: string): FieldError[] {
  if (value === "") return [required(path)];
  const wrong = simplePathErrors(value, path);
  if (wrong.length > 0) return wrong;
  if (starts.some((start) => value.startsWith(start))) return [];
  return [invalidValue(path, value, `should be a json path ${where}`)];
}

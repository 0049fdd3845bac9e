/**
 * What a write through the object or one of its subresources cannot change, whatever it says: nobody comes
 * to own such a field that way.
 *
 * In Kubernetes: GetResetFields of the strategies in pkg/registry/<group>/<kind>/strategy.go
 */
import type { Kind } from "../../api/kind.ts";
import { type FieldSet, LEAF, NO_FIELDS } from "./field-set.ts";

const STATUS: FieldSet = { "f:status": LEAF };
const SPEC: FieldSet = { "f:spec": LEAF };

/** By plural: what status keeps besides spec. */
const KEPT_BY_STATUS: Record<string, FieldSet> = {
  pods: {
    "f:metadata": { "f:deletionTimestamp": LEAF, "f:ownerReferences": LEAF },
    ...SPEC,
  },
  deployments: { "f:metadata": { "f:labels": LEAF }, ...SPEC },
  customresourcedefinitions: { "f:metadata": LEAF, ...SPEC },
};

export function resetFieldsOf(kind: Kind, subresource: string): FieldSet {
  if (subresource === "status") {
    return Object.hasOwn(KEPT_BY_STATUS, kind.plural) ? KEPT_BY_STATUS[kind.plural]! : SPEC;
  }
  return kind.hasStatus ? STATUS : NO_FIELDS;
}

/**
 * Who a binding is for, and which role it gives: users and groups by name, service accounts by namespace
 * and name.
 *
 * In Kubernetes: ValidateRoleBinding and its brothers in pkg/apis/rbac/validation/validation.go
 */
import type { RoleRef, Subject } from "kubernetes-types/rbac/v1.js";
import { type FieldError, GoStruct, invalidValue, notSupported, required } from "../field-error.ts";
import { dns1123SubdomainErrors } from "../names.ts";
import { RBAC_GROUP, rbacNameErrors } from "./policy-rule.ts";

export type { RoleRef, Subject };

export interface Binding {
  subjects?: Subject[];
  roleRef: RoleRef;
}

/** What decoding leaves out where a client said nothing. */
export function setBindingDefaults(binding: Binding): void {
  binding.roleRef ??= { apiGroup: "", kind: "", name: "" };
  if (!binding.roleRef.apiGroup) binding.roleRef.apiGroup = RBAC_GROUP;
  for (const subject of binding.subjects ?? []) {
    const isAccount = subject.kind === "ServiceAccount";
    const isKnown = isAccount || subject.kind === "User" || subject.kind === "Group";
    if (!subject.apiGroup && isKnown && !isAccount) subject.apiGroup = RBAC_GROUP;
  }
}

export function validateBinding(binding: Binding, kinds: string[], isNamespaced: boolean) {
  const { roleRef, subjects = [] } = binding;
  return [
    ...validateRoleRef(roleRef, kinds),
    ...subjects.flatMap((one, i) => validateSubject(one, `subjects[${i}]`, isNamespaced)),
  ];
}

/** Another role is another binding: who may change one of them need not be allowed to give the other. */
export function validateSameRole({ roleRef: now }: Binding, { roleRef: old }: Binding) {
  const { apiGroup: APIGroup = "", kind: Kind = "", name: Name = "" } = now;
  const isSame = APIGroup === old.apiGroup && Kind === old.kind && Name === old.name;
  if (isSame) return [];
  const shown = new GoStruct("rbac.RoleRef", { APIGroup, Kind, Name });
  return [invalidValue("roleRef", shown, "cannot change roleRef")];
}

function validateRoleRef({ apiGroup = "", kind = "", name = "" }: RoleRef, kinds: string[]) {
  const errors: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) {
    errors.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  }
  if (!kinds.includes(kind)) errors.push(notSupported("roleRef.kind", kind, kinds));
  if (name === "") errors.push(required("roleRef.name"));
  for (const why of rbacNameErrors(name)) errors.push(invalidValue("roleRef.name", name, why));
  return errors;
}

function validateSubject(subject: Subject, path: string, isNamespaced: boolean): FieldError[] {
  const { kind = "", name = "", apiGroup = "", namespace = "" } = subject;
  const errors: FieldError[] = name === "" ? [required(`${path}.name`)] : [];
  const onlyGroup = (group: string) => {
    if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]));
  };
  if (kind === "ServiceAccount") {
    for (const why of name === "" ? [] : dns1123SubdomainErrors(name)) {
      errors.push(invalidValue(`${path}.name`, name, why));
    }
    onlyGroup("");
    if (!isNamespaced && namespace === "") errors.push(required(`${path}.namespace`));
  } else if (kind === "User" || kind === "Group") {
    onlyGroup(RBAC_GROUP);
  } else {
    errors.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  }
  return errors;
}

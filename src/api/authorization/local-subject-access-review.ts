/**
 * A LocalSubjectAccessReview asks whether somebody may do something in one namespace, so that who administers only that one can be allowed to ask.
 *
 * In Kubernetes: pkg/registry/authorization/localsubjectaccessreview
 */
import { type FieldError, invalidValue } from "../field-error.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import {
  type SubjectAccessReviewSpec,
  type SubjectAccessReviewStatus,
  shown,
  validateAsked,
  validateNoMeta,
  validateSubject,
} from "./access-review.ts";

export interface LocalSubjectAccessReview extends KubeObject {
  spec: SubjectAccessReviewSpec;
  status?: SubjectAccessReviewStatus;
}

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  namespaced: true,
  storagePrefix: "localsubjectaccessreviews",
  schema: "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  servedVersions: ["v1beta1"],
  verbs: ["create"],
  validate: validateReview,
  example: {
    apiVersion: "authorization.k8s.io/v1",
    kind: "LocalSubjectAccessReview",
    metadata: { name: "", namespace: "default" },
    spec: {
      user: "jane",
      resourceAttributes: { namespace: "default", verb: "get", resource: "pods" },
    },
  },
});

function validateReview({ spec, metadata }: LocalSubjectAccessReview): FieldError[] {
  const errors = [
    ...validateAsked(spec),
    ...validateSubject(spec),
    ...validateNoMeta(metadata, true),
  ];
  const { namespace = "" } = spec.resourceAttributes ?? {};
  if (spec.resourceAttributes !== undefined && namespace !== (metadata.namespace ?? "")) {
    const path = "spec.resourceAttributes.namespace";
    errors.push(invalidValue(path, namespace, "must match metadata.namespace"));
  }
  if (spec.nonResourceAttributes !== undefined) {
    const why = "disallowed on this kind of request";
    errors.push(invalidValue("spec.nonResourceAttributes", shown(spec.nonResourceAttributes), why));
  }
  return errors;
}

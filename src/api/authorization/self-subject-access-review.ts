/**
 * A SelfSubjectAccessReview asks whether the one who asks may do something: `kubectl auth can-i`.
 *
 * In Kubernetes: pkg/registry/authorization/selfsubjectaccessreview
 */
import { defineKind, type KubeObject } from "../kind.ts";
import {
  type AskedAccess,
  type SubjectAccessReviewStatus,
  validateAsked,
  validateNoMeta,
} from "./access-review.ts";

export interface SelfSubjectAccessReview extends KubeObject {
  spec: AskedAccess;
  status?: SubjectAccessReviewStatus;
}

export const SelfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
  storagePrefix: "selfsubjectaccessreviews",
  schema: "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  servedVersions: ["v1beta1"],
  verbs: ["create"],
  validate: ({ spec, metadata }) => [...validateAsked(spec), ...validateNoMeta(metadata)],
  example: {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: { name: "" },
    spec: { resourceAttributes: { verb: "get", resource: "pods" } },
  },
});

/**
 * A SubjectAccessReview asks whether somebody may do something. It is answered, not kept.
 *
 * In Kubernetes: pkg/registry/authorization/subjectaccessreview
 */
import { defineKind, type KubeObject } from "../kind.ts";
import {
  type SubjectAccessReviewSpec,
  type SubjectAccessReviewStatus,
  validateAsked,
  validateNoMeta,
  validateSubject,
} from "./access-review.ts";

export interface SubjectAccessReview extends KubeObject {
  spec: SubjectAccessReviewSpec;
  status?: SubjectAccessReviewStatus;
}

export const SubjectAccessReview = defineKind<SubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  namespaced: false,
  storagePrefix: "subjectaccessreviews",
  schema: "io.k8s.api.authorization.v1.SubjectAccessReview",
  servedVersions: ["v1beta1"],
  verbs: ["create"],
  validate: ({ spec, metadata }) => [
    ...validateAsked(spec),
    ...validateSubject(spec),
    ...validateNoMeta(metadata),
  ],
  example: {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    metadata: { name: "" },
    spec: { user: "jane", resourceAttributes: { verb: "get", resource: "pods" } },
  },
});

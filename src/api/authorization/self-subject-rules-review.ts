/**
 * A SelfSubjectRulesReview asks for all that the one who asks may do in a namespace:
 * `kubectl auth can-i --list`.
 *
 * In Kubernetes: pkg/registry/authorization/selfsubjectrulesreview
 */
import type {
  SelfSubjectRulesReviewSpec,
  SubjectRulesReviewStatus,
} from "kubernetes-types/authorization/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";

export interface SelfSubjectRulesReview extends KubeObject {
  spec: SelfSubjectRulesReviewSpec;
  status?: SubjectRulesReviewStatus;
}

export const SelfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  namespaced: false,
  storagePrefix: "selfsubjectrulesreviews",
  schema: "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  servedVersions: ["v1beta1"],
  verbs: ["create"],
  example: {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    metadata: { name: "" },
    spec: { namespace: "default" },
  },
});

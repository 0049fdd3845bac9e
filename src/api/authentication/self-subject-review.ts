/**
 * A SelfSubjectReview asks who the one who asks is, as the API server sees them (`kubectl auth whoami`).
 *
 * In Kubernetes: pkg/registry/authentication/selfsubjectreview
 */
import type { UserInfo } from "kubernetes-types/authentication/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";

export interface SelfSubjectReview extends KubeObject {
  status?: { userInfo?: UserInfo };
}

export const SelfSubjectReview = defineKind<SelfSubjectReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  namespaced: false,
  storagePrefix: "selfsubjectreviews",
  schema: "io.k8s.api.authentication.v1.SelfSubjectReview",
  verbs: ["create"],
  example: {
    apiVersion: "authentication.k8s.io/v1",
    kind: "SelfSubjectReview",
    metadata: { name: "" },
  },
});

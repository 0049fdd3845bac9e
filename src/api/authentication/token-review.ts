/**
 * A TokenReview asks who a bearer token stands for. Kubelets and webhooks ask it of the API server.
 *
 * In Kubernetes: pkg/registry/authentication/tokenreview
 */
import type { TokenReviewSpec, TokenReviewStatus } from "kubernetes-types/authentication/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";

export interface TokenReview extends KubeObject {
  spec: TokenReviewSpec;
  status?: TokenReviewStatus;
}

export const TokenReview = defineKind<TokenReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  namespaced: false,
  storagePrefix: "tokenreviews",
  schema: "io.k8s.api.authentication.v1.TokenReview",
  verbs: ["create"],
  example: {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    metadata: { name: "" },
    spec: { token: "none" },
  },
});

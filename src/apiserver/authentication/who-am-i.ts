/**
 * Answers SelfSubjectReviews: who the one who asks is, groups and impersonation included.
 *
 * In Kubernetes: pkg/registry/authentication/selfsubjectreview/rest.go
 */
import type { UserInfo } from "kubernetes-types/authentication/v1.js";
import type { SelfSubjectReview } from "../../api/authentication/self-subject-review.ts";
import type { User } from "../authenticate.ts";
import type { Reviewer } from "../review.ts";

export const whoAmI: Reviewer<SelfSubjectReview> = (question, { user }) => ({
  ...question,
  status: { userInfo: userInfoOf(user) },
});

/** A user as reviews and CertificateSigningRequests write one. */
export function userInfoOf({ name, uid, groups, extra }: User): UserInfo {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** The kinds of authorization.k8s.io: reviews that say whether somebody may do something. */
import type { Kind } from "../kind.ts";
import { LocalSubjectAccessReview } from "./local-subject-access-review.ts";
import { SelfSubjectAccessReview } from "./self-subject-access-review.ts";
import { SelfSubjectRulesReview } from "./self-subject-rules-review.ts";
import { SubjectAccessReview } from "./subject-access-review.ts";

export const authorizationKinds: readonly Kind[] = [
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
];

/** The kinds of authentication.k8s.io: reviews that say who somebody is. */
import type { Kind } from "../kind.ts";
import { SelfSubjectReview } from "./self-subject-review.ts";
import { TokenReview } from "./token-review.ts";

export const authenticationKinds: readonly Kind[] = [SelfSubjectReview, TokenReview];

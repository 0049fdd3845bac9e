/**
 * Answers TokenReviews: who a token stands for, asked by whoever is shown one, such as a kubelet.
 *
 * In Kubernetes: pkg/registry/authentication/tokenreview/storage.go
 */
import type { TokenReview } from "../../api/authentication/token-review.ts";
import { badRequest } from "../../api/errors.ts";
import type { Reviewer } from "../review.ts";
import type { BearerTokens } from "./bearer-tokens.ts";
import { TokenError } from "./token-reader.ts";
import { userInfoOf } from "./who-am-i.ts";

export function reviewToken(tokens: BearerTokens): Reviewer<TokenReview> {
  return async (question) => {
    const { token = "", audiences = [] } = question.spec;
    if (token === "") throw badRequest("token is required for TokenReview in authentication");
    const asked = audiences.length > 0 ? audiences : tokens.audiences;
    return { ...question, status: await verdictOn(token, asked, tokens) };
  };
}

async function verdictOn(token: string, asked: readonly string[], tokens: BearerTokens) {
  try {
    const { user, audiences } = await tokens.read(token, asked);
    const named = audiences.length > 0 ? { audiences: [...audiences] } : {};
    return { authenticated: true, user: withAuthenticated(userInfoOf(user)), ...named };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { user: {}, error: error.message };
  }
}

const AUTHENTICATED = "system:authenticated";

function withAuthenticated(user: ReturnType<typeof userInfoOf>) {
  const { groups = [] } = user;
  return groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...groups, AUTHENTICATED] };
}

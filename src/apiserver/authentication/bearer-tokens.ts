/**
 * Bearer tokens: every reader is asked in turn, and the first that knows the token says who it stands for.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/token/union, request/bearertoken
 */
import { type Identified, TokenError, type TokenReader } from "./token-reader.ts";

export class BearerTokens {
  /** Who the API server is, to tokens that are for somebody. */
  readonly audiences: readonly string[];
  readonly #readers: readonly TokenReader[];

  constructor(readers: readonly TokenReader[], audiences: readonly string[]) {
    this.#readers = readers;
    this.audiences = audiences;
  }

  /** Rejects with a TokenError that tells all that is wrong with the token. */
  async read(token: string, audiences: readonly string[] = this.audiences): Promise<Identified> {
    const faults = new Set(["invalid bearer token"]);
    for (const reader of this.#readers) {
      try {
        const found = await reader(token, audiences);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        faults.add(error.message);
      }
    }
    const [only, ...more] = faults;
    throw new TokenError(more.length === 0 ? only : `[${[...faults].join(", ")}]`);
  }
}

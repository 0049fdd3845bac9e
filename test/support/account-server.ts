/** An API server that makes tokens of service accounts, and what tests ask of it. */
import { ServiceAccount } from "../../src/api/service-account.ts";
import type { ApiServerOptions } from "../../src/apiserver/apiserver.ts";
import { type Answer, ask } from "./api-request.ts";
import { startTestApiServer } from "./api-server.ts";
import { signingKey } from "./signing-keys.ts";

export const ISSUER = "https://kubernetes.default.svc.cluster.local";

export async function startAccountServer(options: Partial<ApiServerOptions> = {}) {
  const accountTokens = { issuers: [ISSUER], signingKey: signingKey(), ...options.accountTokens };
  const server = await startTestApiServer({ ...options, accountTokens });
  const namespace = "/api/v1/namespaces/default";
  const post = (path: string, body: object, headers = {}): Promise<Answer> =>
    ask(server.transport, "POST", path, body, headers);
  return {
    ...server,
    post,
    account: (name: string) =>
      server.client.create(ServiceAccount, "default", { metadata: { name } }),
    /** The answer to a TokenRequest. */
    requestToken: (account: string, spec: object = {}, metadata: object = {}) =>
      post(`${namespace}/serviceaccounts/${account}/token`, { spec, metadata }),
    /** Who the server takes the bearer of a token for. */
    whoIs: async (token: string, headers: object = {}) => {
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      return post(path, {}, { authorization: `Bearer ${token}`, ...headers });
    },
    review: async (token: string, audiences?: string[]) => {
      const path = "/apis/authentication.k8s.io/v1/tokenreviews";
      const { json } = await post(path, { spec: { token, audiences } });
      return json.status;
    },
  };
}

export type AccountServer = Awaited<ReturnType<typeof startAccountServer>>;

export function claimsOf(token: string) {
  return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
}

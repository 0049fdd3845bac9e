/**
 * Acts as a service account: each request carries a token of the account. Whoever runs the component asks for the
 * token under their own name when the first request is made, and anew when a fifth of its life is left; the
 * account is made where there is none.
 *
 * In Kubernetes: staging/src/k8s.io/controller-manager/pkg/clientbuilder/client_builder_dynamic.go. Differs: a token
 * that is refused, because its account was made anew, is replaced at once.
 */
import type { TokenRequest } from "../api/authentication/token-request.ts";
import { isAlreadyExists, isNotFound } from "../api/errors.ts";
import { ServiceAccount } from "../api/service-account.ts";
import type { Clock } from "../component/clock.ts";
import type { Client } from "./client.ts";
import type { Transport } from "./transport.ts";

export interface AccountTransportOptions {
  /** Who may make accounts and ask for their tokens. */
  root: Client;
  /** The way of the account's requests, on which nobody else is shown. */
  transport: Transport;
  namespace: string;
  name: string;
  clock: Clock;
}

interface Token {
  token: string;
  renewMs: number;
}

const LIFE_S = 3_600;
const LAST_PART = 0.2;

export function accountTransport(options: AccountTransportOptions): Transport {
  const { transport, clock } = options;
  let asked: Promise<Token> | undefined;

  const ask = (): Promise<Token> => {
    const fresh = requestToken(options);
    asked = fresh;
    fresh.catch(() => {
      if (asked === fresh) asked = undefined;
    });
    return fresh;
  };
  const tokenNow = async (): Promise<Token> => {
    const kept = await (asked ?? ask());
    return clock.now().getTime() < kept.renewMs ? kept : ask();
  };

  return async (request) => {
    const bearing = ({ token }: Token) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
    });
    const answer = await transport(bearing(await tokenNow()));
    return answer.status === 401 ? transport(bearing(await ask())) : answer;
  };
}

async function requestToken(options: AccountTransportOptions): Promise<Token> {
  const { root, namespace, name, clock } = options;
  await ensureAccount(options);
  const spec = { audiences: [], expirationSeconds: LIFE_S };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  const answer = await root.createSubresource(ServiceAccount, namespace, name, "token", body);
  const { token = "", expirationTimestamp = "" } = (answer as TokenRequest).status ?? {};
  const nowMs = clock.now().getTime();
  const lifeMs = Date.parse(expirationTimestamp) - nowMs;
  return { token, renewMs: nowMs + lifeMs * (1 - LAST_PART) };
}

async function ensureAccount({ root, namespace, name }: AccountTransportOptions): Promise<void> {
  try {
    await root.get(ServiceAccount, namespace, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await root.create(ServiceAccount, namespace, { metadata: { name } }).catch((failed) => {
      if (!isAlreadyExists(failed)) throw failed;
    });
  }
}

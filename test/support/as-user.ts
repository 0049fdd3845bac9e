/** Requests to an API server in this process as one user or another, by tokens. */
import type { Transport } from "../../src/client/transport.ts";
import { ask } from "./api-request.ts";

export interface TestUser {
  name: string;
  groups?: string[];
}

/** What the server is given: the token of each user is their name. */
export function tokensOf(users: TestUser[]) {
  const known = users.map(({ name, groups = [] }) => [name, { name, groups }] as const);
  return new Map(known);
}

/** Asks as that user. */
export function asUser(transport: Transport, name: string) {
  return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask(transport, method, path, body, { authorization: `Bearer ${name}`, ...headers });
}

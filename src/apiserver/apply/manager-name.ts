/**
 * Whose write it is: what the client calls itself with ?fieldManager=, or else its program, as the
 * User-Agent begins.
 *
 * In Kubernetes: managerOrUserAgent in apiserver/pkg/endpoints/handlers/create.go
 */
import type { Call } from "../resource-handler.ts";

/** In bytes. */
export const MANAGER_LENGTH_MAX = 128;
const NOT_PRINTABLE = /[\p{C}\p{Z}]/u;

export function managerOf({ request, info }: Call): string {
  const asked = info.query.get("fieldManager") ?? "";
  return asked === "" ? fromUserAgent(request.headers["user-agent"] ?? "") : asked;
}

function fromUserAgent(agent: string): string {
  const end = agent.indexOf("/");
  let name = "";
  let length = 0;
  for (const character of end < 0 ? agent : agent.slice(0, end)) {
    if (!isPrintable(character)) continue;
    length += Buffer.byteLength(character);
    if (length > MANAGER_LENGTH_MAX) break;
    name += character;
  }
  return name === "" ? "unknown" : name;
}

/** As Go has it: of the white space only the space itself. */
export function isPrintable(character: string): boolean {
  return character === " " || !NOT_PRINTABLE.test(character);
}

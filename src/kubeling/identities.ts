/**
 * Who the components of this process are. Each has a token made for this run, so that the API
 * server authenticates them as it would over the network.
 */
import type { Random } from "../component/random.ts";

export interface Identity {
  name: string;
  groups: string[];
}

const NODES = "system:nodes";

export class Identities {
  /** What the API server is given: token -> user. */
  readonly tokens = new Map<string, Identity>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes an identity. Resolves to the headers that go with each of its requests. */
  add(name: string, groups: string[] = [], agent = agentOf(name)): Record<string, string> {
    const token = this.#random.bytes(24).toString("base64url");
    this.tokens.set(token, { name, groups });
    return { authorization: `Bearer ${token}`, "user-agent": agent };
  }

  /** The identity of a node's kubelet: "system:node:node1". */
  addNode(nodeName: string): Record<string, string> {
    return this.add(`system:node:${nodeName}`, [NODES], "kubelet");
  }
}

/** The program, as it calls itself: it is also whose fields are its. */
function agentOf(name: string): string {
  return name.replace(/^system:/, "").replaceAll(":", "-");
}

/** One of the two servers: asked in JSON, whatever its certificate. */
import { Agent, request } from "node:https";

// biome-ignore lint/suspicious/noExplicitAny: whatever a server answers.
export type Json = any;

export interface Reply {
  code: number;
  text: string;
  json: Json;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });

export class Server {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Rejects where nobody answers. */
  ask(method: string, path: string, body?: Json): Promise<Reply> {
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return new Promise((resolve, reject) => {
      const asking = request(this.#url + path, { method, agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ code: response.statusCode!, text, json: read(text) }));
      });
      asking.on("error", reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function read(text: string): Json {
  return text.startsWith("{") ? JSON.parse(text) : undefined;
}

/** Requests to an API server as a test writes them, and watches it can read line by line. */
import type { KubeObject } from "../../src/api/kind.ts";
import type { ApiResponse, Transport } from "../../src/client/transport.ts";

export interface Answer {
  status: number;
  headers: ApiResponse["headers"];
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back.
  json: any;
}

/** Sends `body` as JSON, or as it is where it is text. */
export async function ask(
  transport: Transport,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const bytes = typeof body === "string" ? body : JSON.stringify(body);
  const response = await transport({
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    ...(bytes === undefined ? {} : { body: Buffer.from(bytes) }),
  });
  if (response.body.type === "stream") throw new Error(`${path} answered with a stream`);
  const text = Buffer.concat(response.body.chunks).toString();
  const json = text.startsWith("{") ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

export interface WatchEvent {
  type: string;
  object: KubeObject;
}

export interface TestWatch {
  /** What has arrived so far. */
  readonly events: WatchEvent[];
  readonly lines: string[];
  readonly hasEnded: boolean;
  /** From now on the receiver takes nothing. */
  stall(): void;
  close(): void;
}

/** Opens a watch; throws the Status where there is none. */
export async function openWatch(
  transport: Transport,
  path: string,
  headers: Record<string, string> = {},
): Promise<TestWatch> {
  const response = await transport({ method: "GET", path, headers });
  if (response.body.type !== "stream") {
    throw new Error(Buffer.concat(response.body.chunks).toString());
  }
  const lines: string[] = [];
  const gone = new AbortController();
  let hasEnded = false;
  let isStalled = false;
  response.body.start({
    closed: gone.signal,
    write(chunk) {
      if (!isStalled) lines.push(...Buffer.from(chunk).toString().split("\n").filter(Boolean));
      return !isStalled;
    },
    drained: () => new Promise((resolve) => !isStalled && resolve()),
    end: () => {
      hasEnded = true;
    },
    fail: (error) => {
      throw error;
    },
  });
  return {
    lines,
    get events() {
      return lines.map((line) => JSON.parse(line) as WatchEvent);
    },
    get hasEnded() {
      return hasEnded;
    },
    stall: () => {
      isStalled = true;
    },
    close: () => gone.abort(),
  };
}

/** Lets everything that is under way in this process come to its end. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * One call of a webhook: JSON there and back, over HTTPS, to a URL or to a service of the cluster. The
 * server's certificate must be signed by `caBundle`, or, without one, by an authority everybody trusts.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/util/webhook/client.go. Differs: no connection is kept.
 */
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { WebhookClientConfig } from "kubernetes-types/apiextensions/v1.js";
import type { Clock } from "../../component/clock.ts";
import type { Random } from "../../component/random.ts";

export interface WebhookDialer {
  clock: Clock;
  random: Random;
  /** Opens a stream to one of the endpoints of a service. */
  dialService(namespace: string, name: string, port: number): Promise<Duplex>;
}

const MOST_ANSWER_BYTES = 10 * 1024 * 1024;
const HTTPS_PORT = 443;

export async function callWebhook(
  { url, service, caBundle }: WebhookClientConfig,
  body: object,
  timeoutMs: number,
  dialer: WebhookDialer,
): Promise<{ status: number; body: unknown }> {
  const target = new URL(url ?? serviceUrl(service!));
  const port = service?.port ?? HTTPS_PORT;
  target.searchParams.set("timeout", `${timeoutMs / 1000}s`);
  const stream = service && (await dial(service, port, target, dialer));
  const ca = caBundle === undefined ? {} : { ca: Buffer.from(caBundle, "base64") };
  const answer = await post(target, Buffer.from(JSON.stringify(body)), ca, stream, {
    timeoutMs,
    clock: dialer.clock,
  });
  if (answer.status < 200 || answer.status > 299) throw new Error(failureText(answer));
  return { status: answer.status, body: parsed(answer.text) };
}

/** What is wrong with a service is told as what is wrong with the call. */
async function dial(
  { namespace, name }: NonNullable<WebhookClientConfig["service"]>,
  port: number,
  { hostname, pathname, search }: URL,
  { dialService }: WebhookDialer,
): Promise<Duplex> {
  try {
    return await dialService(namespace, name, port);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const url = `https://${hostname}:${port}${pathname}${search}`;
    throw new Error(
      `Post ${JSON.stringify(url)}: ${error.message.replace(/^services "/, 'service "')}`,
    );
  }
}

function serviceUrl({ name, namespace, path = "" }: NonNullable<WebhookClientConfig["service"]>) {
  return `https://${name}.${namespace}.svc:443${path}`;
}

interface Answer {
  status: number;
  text: string;
}

function post(
  url: URL,
  body: Buffer,
  ca: { ca?: Buffer },
  stream: Duplex | undefined,
  { timeoutMs, clock }: { timeoutMs: number; clock: Clock },
): Promise<Answer> {
  const { hostname } = url;
  const where = `Post ${JSON.stringify(url.href)}`;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(url, {
      method: "POST",
      ...ca,
      // Without an agent the connection is ours to make.
      ...(stream
        ? { createConnection: () => tlsConnect({ socket: stream, servername: hostname, ...ca }) }
        : { agent: false as const }),
      headers: {
        accept: "application/json, */*",
        "content-type": "application/json",
        "content-length": body.length,
        "user-agent": "kube-apiserver-admission",
      },
    });
    const limit = clock.setTimeout(
      () => sent.destroy(new Error("context deadline exceeded")),
      timeoutMs,
    );
    const fail = (error: Error) => {
      limit.cancel();
      stream?.destroy();
      reject(new Error(`${where}: ${error.message}`));
    };
    sent.once("error", fail);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST_ANSWER_BYTES) sent.destroy(new Error("the answer is too large"));
        else chunks.push(chunk);
      });
      response.once("error", fail);
      response.once("end", () => {
        limit.cancel();
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** What the webhook says is wrong, if it says so as the API would. */
function failureText({ status, text }: Answer): string {
  if (text.startsWith("{")) {
    const { message } = parsed(text) as { message?: string };
    if (message) return message;
  }
  return `the server responded with the status code ${status} but did not return more information`;
}

/**
 * An API server behind this one, reached through its service over HTTPS. It is told in headers who asks, and
 * believes them because of our client certificate.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go,
 * staging/src/k8s.io/client-go/transport/round_trippers.go. Differs: no connection is kept.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import type { APIService } from "../../api/apiregistration/api-service.ts";
import { serviceUnavailable } from "../../api/errors.ts";
import type { ApiRequest } from "../../client/transport.ts";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import type { Backend } from "../backend.ts";
import type { WebhookDialer } from "../custom-resources/webhook-call.ts";

export interface ProxyCredentials {
  certificate: Buffer | string;
  key: Buffer | string;
}

export interface RemoteServerOptions extends Pick<WebhookDialer, "dialService"> {
  clock: Clock;
  /** --proxy-client-cert-file and --proxy-client-key-file */
  proxyClient?: ProxyCredentials;
}

const NOT_PASSED_ON =
  /^(authorization|connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade|accept-encoding|impersonate-.*|x-remote-.*)$/;
const THE_AGGREGATOR: User = { name: "system:kube-aggregator", groups: ["system:masters"] };
const MOST_BYTES = 100 * 1024 * 1024;

export class RemoteServer {
  readonly #spec: APIService["spec"];
  readonly #options: RemoteServerOptions;

  constructor(spec: APIService["spec"], options: RemoteServerOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  urlOf(path: string): string {
    return `https://${this.#host}:${this.#spec.service!.port ?? 443}${path}`;
  }

  /** A request as the aggregator's own. */
  async read(path: string, timeoutMs: number, more: Record<string, string> = {}) {
    const gone = new AbortController();
    const limit = this.#options.clock.setTimeout(
      () => gone.abort(new Error("context deadline exceeded")),
      timeoutMs,
    );
    try {
      const headers = { accept: "application/json", ...more };
      const request = { method: "GET", path, headers, signal: gone.signal };
      const answer = await this.send(request, THE_AGGREGATOR);
      const { etag = "" } = answer.headers;
      return { status: answer.statusCode ?? 0, body: await bodyOf(answer), etag };
    } finally {
      limit.cancel();
    }
  }

  /** Passes a request on, in the name of a user. */
  async send(request: ApiRequest, user: User): Promise<IncomingMessage> {
    const { method, path, body, signal } = request;
    const stream = await this.#dial();
    return new Promise((resolve, reject) => {
      const sent = httpsRequest({
        ...{ method, path },
        headers: {
          ...this.#headersFor(request, user),
          ...(body && { "content-length": body.length }),
        },
        ...(signal && { signal }),
        createConnection: () => this.#secure(stream),
      });
      sent.once("error", (error) => {
        stream.destroy();
        reject(signal?.aborted && signal.reason instanceof Error ? signal.reason : error);
      });
      sent.once("response", resolve);
      sent.end(body);
    });
  }

  /** The way there for a connection that is to be upgraded, and what is to be said on it. */
  backendOf(request: ApiRequest, user: User): Backend {
    const { connection = "Upgrade", upgrade = "" } = request.headers;
    return {
      path: request.path,
      headers: { ...this.#headersFor(request, user), connection, upgrade },
      open: async () => {
        const socket = this.#secure(await this.#dial());
        await once(socket, "secureConnect").catch((error: Error) => {
          throw serviceUnavailable(error.message);
        });
        return socket;
      },
    };
  }

  #headersFor({ headers }: ApiRequest, user: User): Record<string, string | string[]> {
    const passed = Object.entries(headers).filter(([header]) => !NOT_PASSED_ON.test(header));
    const host = `${this.#host}:${this.#spec.service!.port ?? 443}`;
    return { ...Object.fromEntries(passed), host, ...headersOf(user) };
  }

  #dial(): Promise<Duplex> {
    const { namespace = "", name = "", port = 443 } = this.#spec.service!;
    return this.#options.dialService(namespace, name, port);
  }

  #secure(stream: Duplex): TLSSocket {
    return tlsConnect({ socket: stream, servername: this.#host, ...this.#tls() });
  }

  get #host(): string {
    const { namespace, name } = this.#spec.service!;
    return `${name}.${namespace}.svc`;
  }

  #tls() {
    const { caBundle, insecureSkipTLSVerify } = this.#spec;
    const { proxyClient } = this.#options;
    return {
      ...(caBundle && { ca: Buffer.from(caBundle, "base64") }),
      ...(insecureSkipTLSVerify && { rejectUnauthorized: false }),
      ...(proxyClient && { cert: proxyClient.certificate, key: proxyClient.key }),
    };
  }
}

/** Who asks, as the server behind is told. */
function headersOf({ name, groups, extra = {} }: User): Record<string, string | string[]> {
  const more = Object.entries(extra).map(([key, values]): [string, string[]] => [
    `x-remote-extra-${encodeURIComponent(key.toLowerCase())}`,
    values,
  ]);
  return { "x-remote-user": name, "x-remote-group": groups, ...Object.fromEntries(more) };
}

export async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error("the answer is too large");
  }
  return Buffer.concat(chunks);
}

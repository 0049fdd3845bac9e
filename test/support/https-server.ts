/** An HTTPS server for tests, with a certificate of an authority of its own: a webhook, an API server behind ours. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { issueCertificate, type KeyPair } from "../../src/component/certificate.ts";
import { systemClock } from "../../src/component/clock.ts";
import { systemRandom } from "../../src/component/random.ts";

const HOUR_MS = 3_600_000;
const tools = { clock: systemClock, random: systemRandom };

export function makeAuthority(name: string): Promise<KeyPair> {
  return issueCertificate({ subject: `CN=${name}`, purpose: "authority", validMs: HOUR_MS }, tools);
}

export function makeClientPair(subject: string, authority: KeyPair): Promise<KeyPair> {
  return issueCertificate({ subject, purpose: "client", validMs: HOUR_MS }, tools, authority);
}

/** `clientCa`: whose client certificates it asks for. `upgrade`: takes over a connection. */
export async function startHttpsServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  {
    names = [],
    clientCa,
    upgrade,
  }: {
    names?: string[];
    clientCa?: string;
    upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  } = {},
) {
  const authority = await makeAuthority("test-server-ca");
  const own = await issueCertificate(
    { subject: "CN=server", purpose: "server", names: ["127.0.0.1", ...names], validMs: HOUR_MS },
    tools,
    authority,
  );
  const tls = {
    cert: own.certificate,
    key: own.key,
    ...(clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  const server: Server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  if (upgrade) server.on("upgrade", upgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(authority.certificate).toString("base64"),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A DNS server beside an API server, both in this process, and clients to ask it. */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { createConnection } from "node:net";
import type { Registry } from "prom-client";
import { Namespace } from "../../src/api/namespace.ts";
import { createInformers } from "../../src/client/informer.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { type DnsOptions, startDns } from "../../src/dns/dns.ts";
import { FrameReader, framed } from "../../src/dns/tcp-frames.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { DOMAIN } from "./made-up-cluster.ts";
import { type Reply, replyIn } from "./question.ts";

export interface TestDnsOptions extends Partial<DnsOptions> {
  registry?: Registry;
}

export async function startTestDns(options: TestDnsOptions = {}) {
  const server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "default"));
  const lifetime = new AbortController();
  const context = {
    ...{ client: server.client, clock: systemClock, random: seededRandom(1) },
    ...{ log: silentLog, signal: lifetime.signal },
  };
  const dns = await startDns(
    { ...context, informers: createInformers(context) },
    { domain: DOMAIN, address: "127.0.0.1", port: await freePort(), forward: {}, ...options },
  );
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([`${dns.address}:${dns.port}`]);
  return {
    client: server.client,
    dns,
    port: dns.port,
    resolver,
    async stop() {
      lifetime.abort();
      await dns.stop();
      await server.stop();
    },
  };
}

export type TestDns = Awaited<ReturnType<typeof startTestDns>>;

/** The first answer to a datagram. */
export async function askUdp(port: number, message: Buffer, address = "127.0.0.1"): Promise<Reply> {
  return replyIn(await rawUdp(port, message, address));
}

export async function rawUdp(port: number, message: Buffer, address = "127.0.0.1") {
  const socket = createSocket("udp4");
  try {
    socket.send(message, port, address);
    const [answer] = (await once(socket, "message")) as [Buffer];
    return answer;
  } finally {
    socket.close();
  }
}

/** As many answers as messages, in the order in which they come, all on one connection. */
export async function askTcp(port: number, ...messages: Buffer[]): Promise<Reply[]> {
  const socket = createConnection(port, "127.0.0.1");
  const reader = new FrameReader();
  const replies: Reply[] = [];
  socket.write(Buffer.concat(messages.map(framed)));
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    replies.push(...reader.read(bytes).map(replyIn));
    if (replies.length >= messages.length) break;
  }
  return replies;
}

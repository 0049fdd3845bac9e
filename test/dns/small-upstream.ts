/** A DNS server of a few lines, for tests to forward to: it answers what it is told to, over UDP and TCP. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Answer, decode, encode, type Packet, type Question } from "dns-packet";
import { FrameReader, framed } from "../../src/dns/tcp-frames.ts";
import { freePort } from "../support/free-port.ts";

export interface Asked extends Question {
  protocol: "udp" | "tcp";
  id: number;
}

/** What to answer; undefined: nothing at all. */
export type Behaviour = (asked: Asked) => (Packet & { rcode?: number }) | undefined;

export interface SmallUpstream {
  port: number;
  /** "127.0.0.1:5353" */
  address: string;
  /** What was asked so far. */
  asked: Asked[];
  behave(behaviour: Behaviour): void;
  /** From now on only so many bytes of each answer are sent. */
  cutAnswersTo(bytes: number): void;
  stop(): Promise<void>;
}

export const a = (name: string, data: string, ttl = 60): Answer => ({ name, type: "A", ttl, data });

export async function startSmallUpstream(initial: Behaviour): Promise<SmallUpstream> {
  const asked: Asked[] = [];
  let behaviour = initial;
  let bytesMax = Number.POSITIVE_INFINITY;

  const answerTo = (message: Buffer, protocol: "udp" | "tcp"): Buffer | undefined => {
    const query = decode(message);
    const [first] = query.questions!;
    const one = { ...first!, protocol, id: query.id! };
    asked.push(one);
    const answer = behaviour(one);
    if (answer === undefined) return undefined;
    const { rcode = 0, flags = 0, ...rest } = answer;
    const { id, questions } = query;
    const bytes = encode({
      ...{ type: "response", id: id!, questions: questions! },
      ...{ ...rest, flags: 0x0180 | flags | rcode },
    } as Packet);
    return bytes.subarray(0, bytesMax);
  };

  const tcp = createServer((socket) => {
    const reader = new FrameReader();
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      for (const message of reader.read(bytes)) {
        const answer = answerTo(message, "tcp");
        if (answer !== undefined) socket.write(framed(answer));
      }
    });
  });
  tcp.listen(await freePort(), "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket("udp4");
  udp.on("message", (message, from) => {
    const answer = answerTo(message, "udp");
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");

  return {
    port,
    address: `127.0.0.1:${port}`,
    asked,
    behave: (next) => {
      behaviour = next;
    },
    cutAnswersTo: (bytes) => {
      bytesMax = bytes;
    },
    async stop() {
      udp.close();
      tcp.close();
      await Promise.all([once(udp, "close"), once(tcp, "close")]);
    },
  };
}

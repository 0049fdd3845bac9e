/** Questions and answers as messages, without a socket. */
import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Packet,
  type RecordType,
} from "dns-packet";
import { readQuery } from "../../src/dns/query.ts";

export interface Reply extends DecodedPacket {
  rcode: string;
  answers: Answer[];
  authorities: Answer[];
  additionals: Answer[];
}

export function question(name: string, type: string, more: Packet = {}): Buffer {
  return encode({
    type: "query",
    id: 4711,
    flags: 0x0100,
    questions: [{ name, type: type as RecordType }],
    ...more,
  });
}

/** The OPT record of a client that takes answers of `udpPayloadSize` bytes. */
export function opt(udpPayloadSize: number, ednsVersion = 0): OptAnswer {
  return {
    ...{ name: ".", type: "OPT", udpPayloadSize, extendedRcode: 0, ednsVersion },
    ...{ flags: 0, flag_do: false, options: [] },
  };
}

export const queryOf = (name: string, type: string) => readQuery(question(name, type))!;

export const replyIn = (message: Buffer) => decode(message) as Reply;

/** "A 10.0.0.1", in the order of the alphabet. */
export function shown(answers: readonly Answer[]): string[] {
  return answers
    .map((answer) => {
      const { type, data } = answer as { type: string; data: unknown };
      if (type === "SRV") {
        const { priority, weight, port, target } = data as Record<string, unknown>;
        return `SRV ${priority} ${weight} ${port} ${target}`;
      }
      return type === "TXT" ? `TXT ${(data as Buffer[]).join("")}` : `${type} ${data}`;
    })
    .toSorted();
}

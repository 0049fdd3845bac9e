import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkedPair } from "../../../src/component/linked-pair.ts";
import { HeaderCodec } from "../../../src/kubelet/streaming/header-codec.ts";
import { SpdyConnection, type SpdyStream } from "../../../src/kubelet/streaming/spdy-connection.ts";
import { SPDY_DICTIONARY } from "../../../src/kubelet/streaming/spdy-dictionary.ts";
import {
  controlFrame,
  dataFrame,
  decodeHeaders,
  encodeHeaders,
  type Frame,
  FrameReader,
  FrameType,
  words,
} from "../../../src/kubelet/streaming/spdy-frames.ts";

const headers = fc
  .dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.string({ unit: "grapheme" }))
  .map((record) => new Map(Object.entries(record)));
const payload = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));

describe("SPDY frames", () => {
  test("come out as they went in, however the bytes are cut", () => {
    const frame = fc.record({ id: fc.integer({ min: 1, max: 1000 }), payload, last: fc.boolean() });
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 50 })), (frames, cuts) => {
        const bytes = Buffer.concat(
          frames.flatMap(({ id, payload, last }) => dataFrame(id, payload, last)),
        );
        const reader = new FrameReader();
        const read = pieces(bytes, cuts).flatMap((piece) => reader.push(piece));

        expect(read).toEqual(
          frames.map(({ id, payload, last }) => ({
            ...{ type: "data", streamId: id, isLast: last, payload },
          })),
        );
      }),
    );
  });

  test("of another version are refused", () => {
    const frame = controlFrame(FrameType.ping, 0, words(1));
    frame[1] = 2;
    expect(() => new FrameReader().push(frame)).toThrow("SPDY version 2 is not supported");
  });

  test("hold headers in any letters", () => {
    fc.assert(
      fc.property(headers, (given) => {
        expect(decodeHeaders(encodeHeaders(given))).toEqual(given);
      }),
    );
  });

  test("with a header block cut short are refused", () => {
    const block = encodeHeaders(new Map([["streamtype", "data"]]));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: block.length - 1 }), (length) => {
        expect(() => decodeHeaders(block.subarray(0, length))).toThrow("ends too soon");
      }),
    );
  });
});

test("the SPDY dictionary is the one of the specification", () => {
  let a = 1;
  let b = 0;
  for (const byte of SPDY_DICTIONARY) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  expect(SPDY_DICTIONARY).toHaveLength(1423);
  expect([b.toString(16), a.toString(16)]).toEqual(["e3c6", "a7c2"]);
});

describe("header blocks", () => {
  test("are one zlib stream each way: in order, each can be read at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(headers, { maxLength: 8 }), async (blocks) => {
        const [ours, theirs] = [new HeaderCodec(), new HeaderCodec()];
        const sent = await Promise.all(blocks.map((block) => ours.encode(block)));
        const received = await Promise.all(sent.map((block) => theirs.decode(block)));

        expect(received).toEqual(blocks);
        ours.close();
        theirs.close();
      }),
      { numRuns: 30 },
    );
  });

  test("that expand to more than they may are refused", async () => {
    const [ours, theirs] = [new HeaderCodec(), new HeaderCodec()];
    const block = await ours.encode(new Map([["x", "y".repeat(1_000_000)]]));

    await expect(theirs.decode(block)).rejects.toThrow("too large");
  });

  test("that are no zlib data are refused", async () => {
    await expect(new HeaderCodec().decode(Buffer.from("hello"))).rejects.toThrow(
      "bad header block",
    );
  });
});

describe("a SPDY connection", () => {
  test("opens a stream, and echoes what it says until its end", async () => {
    const client = connected((stream) => void stream.pipe(stream));
    client.socket.write(await client.synStream(1, new Map([["streamtype", "data"]])));
    client.socket.write(Buffer.concat(dataFrame(1, Buffer.from("hello"), true)));

    const frames = await client.until((frame) => frame.type === "data" && frame.isLast);
    const said = frames.filter((frame) => frame.type === "data").map(({ payload }) => `${payload}`);
    expect(said.join("")).toBe("hello");
    const replies = frames.filter((f) => f.type === "control" && f.control === FrameType.synReply);
    expect(replies).toHaveLength(1);
  });

  test("answers a ping with the same", async () => {
    const client = connected(() => undefined);
    client.socket.write(controlFrame(FrameType.ping, 0, words(77)));

    const isPing = (frame: Frame) => frame.type === "control" && frame.control === FrameType.ping;
    const frames = await client.until(isPing);
    expect(frames.find(isPing)?.payload).toEqual(words(77));
  });

  test("stops reading when nobody takes what has come", async () => {
    const client = connected(() => undefined);
    client.socket.write(await client.synStream(1, new Map()));
    const chunk = Buffer.concat(dataFrame(1, Buffer.alloc(64 * 1024), false));
    let written = 0;
    while (client.socket.write(chunk) && written < 100) written++;

    expect(written).toBeLessThan(100);
  });

  test("closes on a stream id that goes backwards", async () => {
    const client = connected(() => undefined);
    client.socket.write(await client.synStream(3, new Map()));
    client.socket.write(await client.synStream(1, new Map()));

    const isGoodbye = (f: Frame) => f.type === "control" && f.control === FrameType.goAway;
    expect((await client.until(isGoodbye)).some(isGoodbye)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.connection.gone.aborted).toBe(true);
  });
});

/** A client's end: what it writes are frames, what it reads too. */
function connected(onStream: (stream: SpdyStream) => void) {
  const [socket, server] = linkedPair();
  const connection = new SpdyConnection(server);
  connection.start(onStream);
  const codec = new HeaderCodec();
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let check = () => undefined as unknown;
  socket.on("data", (chunk: Buffer) => {
    frames.push(...reader.push(chunk));
    check();
  });
  return {
    socket,
    connection,
    async synStream(id: number, fields: Map<string, string>): Promise<Buffer> {
      const block = await codec.encode(fields);
      return controlFrame(
        FrameType.synStream,
        0,
        Buffer.concat([words(id, 0), Buffer.alloc(2), block]),
      );
    },
    until(holds: (frame: Frame) => boolean): Promise<Frame[]> {
      return new Promise((resolve) => {
        check = () => frames.some(holds) && resolve(frames);
        check();
      });
    },
  };
}

function pieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const result: Buffer[] = [];
  let at = 0;
  for (const cut of cuts) {
    result.push(bytes.subarray(at, at + cut));
    at += cut;
  }
  return [...result, bytes.subarray(at)];
}

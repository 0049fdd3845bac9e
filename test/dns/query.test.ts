import { decode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeAnswer, TCP_BYTES, udpLimitOf } from "../../src/dns/answer.ts";
import { isWellFormed, recordPlaces } from "../../src/dns/message-records.ts";
import { FormatError, readQuery } from "../../src/dns/query.ts";
import type { DnsRecord } from "../../src/dns/record.ts";
import { FrameReader, framed } from "../../src/dns/tcp-frames.ts";
import { opt, queryOf, question } from "./question.ts";

const WEB = "web.default.svc.cluster.local";

/** A true message with some of its bytes changed, and cut somewhere. */
const damaged = fc
  .record({
    base: fc.constantFrom(
      question(WEB, "A"),
      question(WEB, "SRV", { additionals: [opt(4_096)] }),
      question(WEB, "A", { answers: [{ name: WEB, type: "A", data: "10.0.0.1" }] }),
    ),
    changes: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    length: fc.nat(200),
  })
  .map(({ base, changes, length }) => {
    const message = Buffer.from(base);
    for (const [at, value] of changes) if (at < message.length) message[at] = value;
    return message.subarray(0, Math.max(length, 3));
  });

const anything = fc.oneof(
  damaged,
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

function readOr<T>(read: () => T): T | "FormatError" {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return "FormatError";
    throw error;
  }
}

describe("any bytes", () => {
  test("are a query, no query, or one with a wrong format", () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const query = readOr(() => readQuery(bytes));
        if (query === undefined || query === "FormatError" || query.opcode !== 0) return;
        expect(query.question.length).toBeGreaterThanOrEqual(5);
        expect(bytes.includes(query.question)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test("are an upstream's answer with all its records inside, or none", () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        if (!isWellFormed(bytes)) return;
        for (const { end } of recordPlaces(bytes)) expect(end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a query", () => {
  test("keeps its question as it came, and compares its name in lower case", () => {
    const query = queryOf("WeB.Default.svc.cluster.local", "SRV");
    expect(query).toMatchObject({ name: WEB, type: 33, class: 1, id: 4711 });
    expect(query.question.toString("latin1")).toContain("WeB");
  });

  test("may be for the root", () => {
    expect(queryOf(".", "NS")).toMatchObject({ name: "", type: 2 });
  });
});

describe("an answer", () => {
  const address = fc.nat(0xffffff).map(
    (n): DnsRecord => ({
      ...{ type: "A", ttl: 30, name: n % 2 ? WEB : `pod-${n}.${WEB}` },
      data: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    }),
  );
  const records = fc.array(address, { maxLength: 60 }) as fc.Arbitrary<DnsRecord[]>;

  test("is never longer than may be, and says when something is missing", () => {
    const offered = fc.option(fc.constantFrom(512, 700, 4_096));
    fc.assert(
      fc.property(records, records, offered, fc.boolean(), (answers, extra, size, isTcp) => {
        const additionals = size === null ? [] : [opt(size)];
        const query = readQuery(question(WEB, "A", { additionals }))!;
        const limit = isTcp ? TCP_BYTES : udpLimitOf(query);
        const sections = { answers, authorities: [], additionals: extra } as never as {
          answers: [];
          authorities: [];
          additionals: [];
        };
        const answer = { rcode: "NOERROR" as const, isAuthoritative: true, ...sections };
        const bytes = encodeAnswer(query, answer, limit);
        expect(bytes.length).toBeLessThanOrEqual(limit);
        const read = decode(bytes);
        const names = (all: readonly unknown[] = []) =>
          all.map((one) => Object.values({ name: "", data: "", ...(one as object) }).slice(0, 2));
        const got = names(read.answers);
        expect(got).toEqual(names(answers).slice(0, got.length));
        expect(read.flag_tc).toBe(got.length < answers.length);
        expect(read.additionals!.some(({ type }) => type === "OPT")).toBe(size !== null);
      }),
    );
  });
});

describe("messages over TCP", () => {
  test("are whole again, in whatever pieces they arrive", () => {
    const message = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.array(message),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        (all, sizes) => {
          const stream = Buffer.concat(all.map(framed));
          const reader = new FrameReader();
          const got: Buffer[] = [];
          for (let at = 0; at < stream.length; ) {
            const size = sizes.next().value as number;
            got.push(...reader.read(stream.subarray(at, at + size)));
            at += size;
          }
          expect(got.map(String)).toEqual(all.map(String));
        },
      ),
    );
  });
});

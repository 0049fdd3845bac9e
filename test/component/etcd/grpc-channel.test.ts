import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GrpcChannel, UNAVAILABLE } from "../../../src/component/etcd/grpc-channel.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";

const PATH = "/test.Echo/Call";
const OK = { ":status": 200, "content-type": "application/grpc" };

type Answer = (stream: http2.ServerHttp2Stream, question: Buffer) => void;

/** Sends the question back, and says that all is well. */
const echo: Answer = (stream, question) => {
  stream.respond(OK, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(question);
};

describe("a channel of gRPC", () => {
  let server: http2.Http2Server;
  let sessions: http2.ServerHttp2Session[];
  let channel: GrpcChannel;
  let answer: Answer;
  beforeEach(async () => {
    answer = echo;
    sessions = [];
    server = http2.createServer();
    server.on("session", (session) => void sessions.push(session));
    server.on("stream", (stream) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => void pieces.push(piece));
      stream.on("end", () => answer(stream, Buffer.concat(pieces)));
      stream.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    channel = new GrpcChannel(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    channel.close();
    for (const session of sessions) session.destroy();
    server.close();
  });

  const ask = (text: string) => channel.call(PATH, Buffer.from(text)).then(String);

  test("carries many calls over one connection, small, large and empty", async () => {
    const texts = ["", "a", "b".repeat(300_000), ...Array.from({ length: 50 }, (_, i) => `${i}`)];
    expect(await Promise.all(texts.map(ask))).toEqual(texts);
    expect(sessions).toHaveLength(1);
  });

  test("tells the status and the sentence of a refusal", async () => {
    answer = (stream) =>
      stream.respond(
        { ...OK, "grpc-status": "11", "grpc-message": "etcdserver: mvcc: 100%25 new" },
        { endStream: true },
      );
    await expect(ask("a")).rejects.toMatchObject({
      code: 11,
      message: "etcdserver: mvcc: 100% new",
      wasNeverSent: false,
    });
  });

  test("does not take a server of something else for one", async () => {
    answer = (stream) => {
      stream.respond({ ":status": 404 });
      stream.end("no such page");
    };
    await expect(ask("a")).rejects.toMatchObject({
      code: UNAVAILABLE,
      message: "the server answered with 404, not with gRPC",
    });
  });

  test("says that a call may have arrived when the connection is cut under way", async () => {
    answer = (stream) => stream.session!.destroy();
    await expect(ask("a")).rejects.toMatchObject({ code: UNAVAILABLE, wasNeverSent: false });
  });

  test("says that a call was never sent when nobody listens, or when the server refused it unread", async () => {
    const port = await freePort();
    await expect(
      new GrpcChannel(`http://127.0.0.1:${port}`).call(PATH, Buffer.from("a")),
    ).rejects.toMatchObject({
      code: UNAVAILABLE,
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      wasNeverSent: true,
    });
    answer = (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    await expect(ask("a")).rejects.toMatchObject({ code: UNAVAILABLE, wasNeverSent: true });
  });

  test("connects anew after the connection was lost", async () => {
    expect(await ask("a")).toBe("a");
    const [first] = sessions;
    const gone = once(first!, "close");
    first!.destroy();
    await gone;
    // The loss may reach us after the next call has left, which then fails.
    await eventually(async () => expect(await ask("b")).toBe("b"));
    expect(sessions).toHaveLength(2);
  });
});

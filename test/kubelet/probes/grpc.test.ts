import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/component/clock.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { connectOverNetwork } from "../../../src/kubelet/probes/connect.ts";
import { runProbe } from "../../../src/kubelet/probes/prober.ts";
import { SimulatedFiles } from "../../../src/simulator/files.ts";
import { SimulatedNetwork } from "../../../src/simulator/network.ts";
import { SimulatedRuntime } from "../../../src/simulator/runtime.ts";

let server: Http2Server | undefined;
const sessions = new Set<{ destroy(): void }>();
afterEach(() => {
  for (const session of sessions) session.destroy();
  server?.close();
});

describe("a gRPC probe", () => {
  test.each([
    [1, true, ""],
    [2, false, 'service unhealthy (responded with "NOT_SERVING")'],
    [0, false, 'service unhealthy (responded with "UNKNOWN")'],
  ])("of a service whose status is %i", async (status, isSuccess, output) => {
    const asked: string[] = [];
    const port = await serve((stream, body) => {
      asked.push(body.subarray(7).toString());
      answer(stream, status === 0 ? [] : [0x08, status], { "grpc-status": "0" });
    });

    expect(await probe({ port, service: "mail" })).toEqual({ isSuccess, output });
    expect(asked).toEqual(["mail"]);
  });

  test("of a server without the health service says so", async () => {
    const port = await serve((stream) => {
      stream.respond(
        { ":status": 200, "grpc-status": "12", "grpc-message": "unknown service" },
        { endStream: true },
      );
    });

    expect((await probe({ port })).output).toBe(
      "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service",
    );
  });

  test("that meets an error tells its code", async () => {
    const port = await serve((stream) =>
      answer(stream, [], { "grpc-status": "5", "grpc-message": "no%20mail" }),
    );

    expect((await probe({ port })).output).toBe(
      "error: health rpc probe failed: rpc error: code = NotFound desc = no mail",
    );
  });

  test("gives up after its time", async () => {
    const port = await serve(() => undefined);

    expect(await probe({ port }, 1)).toEqual({
      isSuccess: false,
      output: "timeout: health rpc did not complete within 1s",
    });
  });

  test("of a port nobody listens on fails", async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));

    expect((await probe({ port })).output).toBe(
      `error: failed to connect service at "127.0.0.1:${port}": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });
});

async function serve(handle: (stream: ServerHttp2Stream, body: Buffer) => void): Promise<number> {
  server = createServer();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => handle(stream, Buffer.concat(chunks)));
    stream.on("error", () => stream.close());
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function answer(stream: ServerHttp2Stream, message: number[], trailers: Record<string, string>) {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(Buffer.from(message.length === 0 ? [] : [0, 0, 0, 0, message.length, ...message]));
}

function probe(grpc: { port: number; service?: string }, timeoutSeconds = 60) {
  const runtime = new SimulatedRuntime({
    clock: systemClock,
    random: seededRandom(1),
    network: new SimulatedNetwork(),
    files: new SimulatedFiles(),
    podCIDR: "10.244.1.0/24",
    nodeIP: "192.0.2.1",
  });
  const container = { name: "main" };
  const target = {
    probe: { grpc, timeoutSeconds },
    container,
    containerId: "",
    podIP: "127.0.0.1",
  };
  const options = { runtime, clock: systemClock, connect: connectOverNetwork };
  return runProbe(target, options, new AbortController().signal);
}

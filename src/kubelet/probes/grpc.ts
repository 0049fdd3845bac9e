/**
 * One health check over gRPC: a unary call of grpc.health.v1.Health/Check, in as much HTTP/2 and
 * protobuf as that takes, over any connection, so that simulated pods are reached too.
 *
 * In Kubernetes: pkg/probe/grpc/grpc.go
 */
import { type ClientHttp2Stream, connect as connectHttp2, constants } from "node:http2";
import type { Duplex } from "node:stream";

const PATH = "/grpc.health.v1.Health/Check";
const SERVING = "SERVING";
const STATUSES = ["UNKNOWN", SERVING, "NOT_SERVING", "SERVICE_UNKNOWN"];
const UNIMPLEMENTED = "12";

/** Undefined when the service is healthy; else why not, in the words of Kubernetes. */
export async function checkHealth(
  connection: Duplex,
  service: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, message, body } = await call(connection, requestOf(service), signal);
  if (code === UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`;
  }
  if (code !== "0") {
    return `error: health rpc probe failed: rpc error: code = ${codeName(code)} desc = ${message}`;
  }
  const status = statusOf(body);
  return status === SERVING ? undefined : `service unhealthy (responded with "${status}")`;
}

interface Answer {
  code: string;
  message: string;
  body: Buffer;
}

function call(connection: Duplex, request: Buffer, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2("http://pod", { createConnection: () => connection });
    session.once("error", reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: PATH,
      "content-type": "application/grpc",
      "user-agent": "kube-probe/1.30",
      te: "trailers",
    });
    const onAbort = () => stream.destroy(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    stream.once("error", reject);
    stream.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      session.destroy();
    });
    void answerOf(stream).then(resolve, reject);
    stream.end(request);
  });
}

/** The code comes in the trailers; with an answer that has no body, in the headers. */
async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let head: Record<string, unknown> = {};
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (headers: Record<string, unknown>) => (head = { ...head, ...headers }));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const message = decodeURIComponent(String(head["grpc-message"] ?? ""));
  return { code: String(head["grpc-status"] ?? "2"), message, body: Buffer.concat(chunks) };
}

/** HealthCheckRequest: the name of the service is field 1. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** HealthCheckResponse: the status is field 1, absent when it is 0. */
function statusOf(body: Buffer): string {
  const message = body.subarray(5);
  const value = message[0] === 0x08 ? (message[1] ?? 0) : 0;
  return STATUSES[value] ?? `${value}`;
}

const CODES = [
  ..."OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists".split(" "),
  ..."PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange".split(" "),
  ..."Unimplemented Internal Unavailable DataLoss Unauthenticated".split(" "),
];

function codeName(code: string): string {
  return CODES[Number(code)] ?? `Code(${code})`;
}

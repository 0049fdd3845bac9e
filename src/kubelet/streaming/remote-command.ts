/**
 * Runs exec and attach over a session, and says at the end how it went.
 *
 * In Kubernetes: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/{exec,attach}.go
 */

import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { SessionStreams } from "../runtime/runtime.ts";
import type { Session } from "./session.ts";

/** Serves `act`, which resolves to the exit code. */
export async function serveSession(
  session: Session,
  act: (streams: SessionStreams) => Promise<number>,
): Promise<void> {
  let outcome: object;
  try {
    outcome = statusOf(await act(streamsOf(session)));
  } catch (error) {
    outcome = failure((error as Error).message);
  }
  if (session.gone.aborted) return;
  await Promise.all([ended(session.stdout), ended(session.stderr)]);
  const text = session.tellsStatus ? JSON.stringify(outcome) : messageOf(outcome);
  if (text !== "") session.error.write(text);
  await ended(session.error);
  await session.finish();
}

function streamsOf({ stdin, stdout, stderr, resize, tty, gone }: Session): SessionStreams {
  return {
    ...(stdin ? { stdin } : {}),
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    ...(resize
      ? {
          onResize: (listener: (size: { width: number; height: number }) => void) =>
            void followSizes(resize, listener),
        }
      : {}),
    tty,
    signal: gone,
  };
}

function statusOf(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: `${exitCode}` }] },
  };
}

function failure(message: string): object {
  return {
    metadata: {},
    status: "Failure",
    message: `Internal error occurred: error executing command in container: ${message}`,
    reason: "InternalError",
    details: { causes: [{ message }] },
    code: 500,
  };
}

function messageOf(outcome: object): string {
  return "message" in outcome ? String(outcome.message) : "";
}

async function ended(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed) return;
  stream.end();
  // That the client hung up first is no fault: there is nobody left to tell.
  await Promise.allSettled([finished(stream, { readable: false })]);
}

/** Each size as it comes, however the JSON was cut on its way. */
async function followSizes(
  resize: Readable,
  listener: (size: { width: number; height: number }) => void,
): Promise<void> {
  let text = "";
  resize.on("error", () => resize.destroy());
  resize.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const size = sizeIn(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size) listener(size);
    }
  });
}

function sizeIn(text: string): { width: number; height: number } | undefined {
  const width = /"Width":\s*(\d+)/.exec(text)?.[1];
  const height = /"Height":\s*(\d+)/.exec(text)?.[1];
  if (width === undefined || height === undefined) return undefined;
  return { width: Number(width), height: Number(height) };
}

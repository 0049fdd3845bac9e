/**
 * The last words of a container that failed and left none: the end of its log, where it asked for that
 * (terminationMessagePolicy FallbackToLogsOnError).
 *
 * In Kubernetes: getTerminationMessage in pkg/kubelet/kuberuntime/kuberuntime_container.go
 */
import { Writable } from "node:stream";
import type { Clock } from "../../component/clock.ts";
import type { ContainerStatus, Runtime } from "../runtime/runtime.ts";

export const POLICY_ANNOTATION = "io.kubernetes.container.terminationMessagePolicy";

const LINES_MAX = 80;
const BYTES_MAX = 2048;
const PATIENCE_MS = 10_000;

export async function withLastWords(
  status: ContainerStatus,
  runtime: Runtime,
  clock: Clock,
): Promise<ContainerStatus> {
  const { state, exitCode, reason, message, terminationMessagePolicy } = status;
  if (terminationMessagePolicy !== "FallbackToLogsOnError" || state !== "exited") return status;
  if (exitCode === 0 || message || reason === "ContainerCannotRun") return status;
  const words = await endOfLog(status.id, runtime, clock);
  return words === "" ? status : { ...status, message: words };
}

async function endOfLog(id: string, runtime: Runtime, clock: Clock): Promise<string> {
  let text = Buffer.alloc(0);
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text = Buffer.concat([text, chunk]).subarray(-BYTES_MAX);
      done();
    },
  });
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(), PATIENCE_MS);
  try {
    const options = { follow: false, timestamps: false, tailLines: LINES_MAX, signal: over.signal };
    await runtime.logs(id, options, collect, collect);
  } catch (error) {
    return `Error reading termination message from logs: ${(error as Error).message}`;
  } finally {
    timer.cancel();
  }
  return text.toString("utf8");
}

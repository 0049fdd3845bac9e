/**
 * Whether we can read a kind: an older API server may not know it, and one with rules may not let us
 * (system:kube-dns may read Endpoints but no slices).
 *
 * In Kubernetes: k8s.io/client-go/discovery (ServerResourcesForGroupVersion). Differs: tries.
 */
import { ApiError } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { type Clock, sleep } from "../component/clock.ts";
import type { ComponentContext } from "./control-loop.ts";

const RETRY_MS = 1_000;

/** Asks until there is an answer; false when the signal aborts before. */
export async function isServed<T extends KubeObject>(
  kind: Kind<T>,
  { client, clock, log, signal }: Pick<ComponentContext, "client" | "clock" | "log" | "signal">,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await client.list(kind, { limit: 1, resourceVersion: "0" });
      return true;
    } catch (error) {
      // A server that does not know the group answers in plain text.
      const code = error instanceof ApiError ? error.status.code : 0;
      if (code === 404 || code === 403) return false;
      log.info("Cannot learn what the server serves; asking again", { error: String(error) }, 1);
      await pause(clock, signal);
    }
  }
  return false;
}

async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await sleep(clock, RETRY_MS, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

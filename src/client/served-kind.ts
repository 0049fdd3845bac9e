/**
 * Whether the API server serves a kind at all: an older one may not know it.
 *
 * In Kubernetes: k8s.io/client-go/discovery (ServerResourcesForGroupVersion)
 */
import { ApiError } from "../api/errors.ts";
import { apiVersionOf, type Kind } from "../api/kind.ts";
import { type Clock, sleep } from "../component/clock.ts";
import type { ComponentContext } from "./control-loop.ts";

const RETRY_MS = 1_000;

/** Asks until there is an answer; false when the signal aborts before. */
export async function isServed(
  kind: Kind,
  { client, clock, log, signal }: Pick<ComponentContext, "client" | "clock" | "log" | "signal">,
): Promise<boolean> {
  const root = kind.group === "" ? "/api" : "/apis";
  while (!signal.aborted) {
    try {
      const path = `${root}/${apiVersionOf(kind)}`;
      const { resources } = await client.raw<{ resources: { name: string }[] }>("GET", path);
      return resources.some(({ name }) => name === kind.plural);
    } catch (error) {
      // A server that does not know the group answers in plain text.
      if (error instanceof ApiError && error.status.code === 404) return false;
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

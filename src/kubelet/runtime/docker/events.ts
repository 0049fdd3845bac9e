/**
 * Docker's events about our containers, as they happen. When the connection is lost it is made again;
 * what happened meanwhile the daemon tells from its memory.
 *
 * In Kubernetes: nothing; the kubelet of that time lists every second (pkg/kubelet/pleg/generic.go).
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Clock, sleep } from "../../../component/clock.ts";
import type { Log } from "../../../component/log.ts";
import type { RuntimeEvent } from "../runtime.ts";
import { LABEL } from "./container-names.ts";
import type { DockerConnection } from "./docker-connection.ts";

const RECONNECT_MS = 1_000;

const TYPES: Record<string, RuntimeEvent["type"]> = {
  start: "started",
  die: "died",
  destroy: "removed",
};

interface DockerEvent {
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  timeNano: number;
}

export interface EventsOptions {
  connection: DockerConnection;
  clock: Clock;
  log: Log;
  listener(event: RuntimeEvent): void;
  signal: AbortSignal;
}

/** Resolves when the signal aborts. */
export async function followEvents(options: EventsOptions): Promise<void> {
  const { clock, log, signal } = options;
  const seen = { until: clock.now().getTime() / 1000 };
  try {
    for (;;) {
      await followOnce(options, seen).catch((error) => {
        if (!signal.aborted) log.error("Lost the events of Docker", error);
      });
      await sleep(clock, RECONNECT_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function followOnce(
  { connection, listener, signal }: EventsOptions,
  seen: { until: number },
): Promise<void> {
  const filters = JSON.stringify({ type: ["container"], label: [LABEL.type] });
  const stream: Readable = await connection.open(
    "/events",
    { filters, since: seen.until.toFixed(9) },
    signal,
  );
  for await (const line of createInterface({ input: stream })) {
    const event = JSON.parse(line) as DockerEvent;
    seen.until = event.timeNano / 1e9;
    const told = toRuntimeEvent(event);
    if (told) listener(told);
  }
}

function toRuntimeEvent({ Action, Actor }: DockerEvent): RuntimeEvent | undefined {
  const type = TYPES[Action];
  const podUid = Actor.Attributes[LABEL.podUid];
  return type && podUid ? { podUid, containerId: Actor.ID, type } : undefined;
}

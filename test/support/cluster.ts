/**
 * A cluster for tests: an API server without a socket, the controllers a test names, and time that
 * moves only when told to.
 */
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import type { ApiServerOptions } from "../../src/apiserver/apiserver.ts";
import { Client } from "../../src/client/client.ts";
import {
  type ComponentContext,
  type Controller,
  type RunningController,
  runController,
} from "../../src/client/control-loop.ts";
import { createInformers } from "../../src/client/informer.ts";
import { createLog, silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "./api-server.ts";
import { FaultyTransport } from "./faulty-transport.ts";

/** A controller, or what starts one. */
// biome-ignore lint/suspicious/noExplicitAny: a test may bring controllers of any kind
type Startable = Controller<any> | ((context: ComponentContext) => Promise<RunningController>);

const SETTLE_LIMIT_MS = 60_000;
const QUIET_TURNS = 5;
/**
 * Who is busy or behind, and for so long has asked nothing of the server, waits for the clock itself: a watch that was cut
 * thrice, say. Who asks is at work, however slow the machine.
 */
const STUCK_MS = 1_000;
const STUCK_TURNS = 100;
const NEXT_TRY_MS = 10_000;
/** Time is moved this far, in small steps, to let what met a conflict try again. */
const RETRY_STEP_MS = 5;
const RETRY_STEPS = 30;

export async function startCluster({
  controllers = [] as Startable[],
  server: options = {} as Partial<ApiServerOptions>,
} = {}) {
  const server = await startTestApiServer(options);
  const { clock, random } = server;
  const network = new FaultyTransport(server.transport);
  const lifetime = new AbortController();
  const verbosity = Number(process.env.TEST_LOG ?? -1);
  const write = (line: string) => void process.stderr.write(line);
  const log = verbosity < 0 ? silentLog : createLog("test", { clock, verbosity, write });
  const base = {
    client: new Client(network.transport),
    clock,
    random,
    log,
    signal: lifetime.signal,
  };
  const context: ComponentContext = { ...base, informers: createInformers(base) };
  const running: RunningController[] = [];
  for (const one of controllers) {
    running.push(await (typeof one === "function" ? one(context) : runController(one, context)));
  }

  /** Waits until no controller has anything left to do and every cache shows what is stored. */
  async function settle(): Promise<void> {
    const deadlineMs = performance.now() + SETTLE_LIMIT_MS;
    const isStuck = stuckness(() => network.requests.length);
    let retriesLeft = RETRY_STEPS;
    while (performance.now() < deadlineMs) {
      await quiet(deadlineMs, isStuck);
      const isWaiting = running.some(({ queue }) => queue.retries > 0);
      if (isWaiting && retriesLeft-- > 0) clock.advance(RETRY_STEP_MS);
      else if (await areCachesCurrent()) {
        if (running.every(({ idle }) => idle)) return;
      } else if (isStuck()) clock.advance(NEXT_TRY_MS);
    }
    throw new Error(`the cluster did not settle: ${busy().join(", ") || "caches behind"}`);
  }

  async function quiet(deadlineMs: number, isStuck: () => boolean): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS && performance.now() < deadlineMs; ) {
      await nextTurn();
      turns = running.every(({ idle }) => idle) ? turns + 1 : 0;
      if (turns === 0 && isStuck()) clock.advance(NEXT_TRY_MS);
    }
  }

  async function areCachesCurrent(): Promise<boolean> {
    for (const informer of context.informers.all()) {
      const { items } = await server.client.list(informer.kind);
      if (versionsOf(items) !== versionsOf(informer.list())) return false;
    }
    return true;
  }

  const busy = () => running.filter(({ idle }) => !idle).map(({ name }) => name);

  return {
    client: server.client,
    clock,
    context,
    network,
    running,
    settle,
    /** Moves time on in steps, settling in between, as a clock that ticks would. */
    async pass(ms: number, stepMs = 5_000) {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(stepMs, left));
        await settle();
      }
    },
    async stop() {
      lifetime.abort();
      await server.stop();
    },
  };
}

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** All of a kind that are stored, by name. */
export async function listed<T extends KubeObject>(
  cluster: Cluster,
  kind: Kind<T>,
  namespace?: string,
): Promise<T[]> {
  const { items } = await cluster.client.list(kind, namespace === undefined ? {} : { namespace });
  return items;
}

function versionsOf(items: KubeObject[]): string {
  return items
    .map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`)
    .sort()
    .join();
}

/** Asked again and again: whether nothing has moved for as long as that takes, since it last said so. */
function stuckness(movedTo: () => number): () => boolean {
  let place = -1;
  let turns = 0;
  let sinceMs = 0;
  return () => {
    const isMoving = movedTo() !== place;
    turns = isMoving ? 0 : turns + 1;
    if (isMoving) sinceMs = performance.now();
    place = movedTo();
    if (turns < STUCK_TURNS || performance.now() - sinceMs < STUCK_MS) return false;
    place = -1;
    return true;
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

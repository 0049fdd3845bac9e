/**
 * A daemon that is a client of the API server and works while it is the leader: what
 * kube-scheduler and kube-controller-manager have in common.
 *
 * Its order: the health server first, so that a stand-by is seen to be well; then the election;
 * then the work. A leader that has lost its lease ends, for another may be at work already.
 *
 * In Kubernetes: cmd/kube-scheduler/app/server.go, cmd/kube-controller-manager/app
 */
import { hostname } from "node:os";
import { Registry } from "prom-client";
import { type DaemonContext, StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import { type HealthServer, type Page, startHealthServer } from "../component/health-server.ts";
import { addProcessMetrics } from "../component/process-metrics.ts";
import { randomUuid } from "../component/random.ts";
import { Client } from "./client.ts";
import type { ComponentContext } from "./control-loop.ts";
import type { commonFlags } from "./daemon-flags.ts";
import { electionOf } from "./election-options.ts";
import { createEventRecorder } from "./events.ts";
import { createInformers } from "./informer.ts";
import { type Connection, connect } from "./kubeconfig.ts";
import { runAsLeader } from "./leader-election.ts";
import { limitedTransport } from "./limited-transport.ts";
import { createLoopMetrics } from "./loop-metrics.ts";
import type { Transport } from "./transport.ts";

type CommonFlags = ReturnType<typeof commonFlags> & {
  port: { type: "int"; default: number; usage: string };
};

/** What of a daemon's context is needed here; a daemon has flags of its own besides. */
type LeadingContext = Omit<DaemonContext<CommonFlags>, "flags"> & { flags: Flags<CommonFlags> };

export interface LeadingDaemonOptions {
  /** "kube-scheduler" */
  name: string;
  metrics?: Registry;
  /** Further pages beside health and metrics. */
  pages?: Readonly<Record<string, Page>>;
  /**
   * Does the work. Resolves when it is at work; the signal of the context ends it. `anonymous` leads to the same
   * server and shows nobody; each has a rate limit of its own.
   */
  start(context: ComponentContext, anonymous: () => Transport): Promise<unknown>;
}

/** Runs until the daemon's signal aborts. */
export async function runLeadingDaemon(
  daemon: LeadingContext,
  { name, start, metrics = new Registry(), pages = {} }: LeadingDaemonOptions,
): Promise<void> {
  const { flags, clock, random, log, signal } = daemon;
  addProcessMetrics(metrics);
  if (flags.master === "" && flags.kubeconfig === "") {
    log.warn(
      "Neither --kubeconfig nor --master was specified. " +
        "Using default API client. This might not work.",
    );
  }
  const connection = connectOrExplain(daemon, name);
  const health = await serveHealth(daemon, metrics, pages);
  const { transport, headers } = connection;
  const unnamed = connectOrExplain(daemon, name, true);
  const anonymous = () => limited(unnamed.transport, daemon);
  const client = new Client(limited(transport, daemon), headers);
  const base = { client, clock, random, log, observer: createLoopMetrics(metrics) };
  const work = async (until: AbortSignal) => {
    const context = {
      ...base,
      signal: until,
      informers: createInformers({ ...base, signal: until }),
    };
    await start(context, anonymous);
    if (!until.aborted) daemon.ready();
  };
  try {
    if (flags["leader-elect"]) await lead(daemon, name, client, work);
    else await Promise.all([work(signal), stopped(signal)]);
  } finally {
    await health?.stop();
    connection.close();
    unnamed.close();
  }
}

async function lead(
  { flags, clock, random, log, signal, ready, fail }: LeadingContext,
  name: string,
  client: Client,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const election = electionOf(flags);
  const identity = `${hostname()}_${randomUuid(random)}`;
  const base = { client, clock, random, log, signal };
  // A stand-by is as ready as it can be: the service manager must not take it for stuck.
  const onNewLeader = (leader: string) => {
    log.info(`new leader elected: ${leader}`);
    if (leader !== identity) ready();
  };
  const outcome = await runAsLeader(
    {
      ...base,
      ...election,
      identity,
      events: createEventRecorder({ ...base, component: name }),
      onNewLeader,
    },
    (until) => void work(until).catch(fail),
  );
  if (outcome === "lost") throw new StartError("leaderelection lost");
}

function connectOrExplain(
  { flags }: LeadingContext,
  userAgent: string,
  anonymous = false,
): Connection {
  const { master, kubeconfig } = flags;
  try {
    return connect({ master, kubeconfig, userAgent, anonymous });
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

/** --port=0 serves nothing. */
async function serveHealth(
  { flags, log }: LeadingContext,
  metrics: Registry,
  pages: Readonly<Record<string, Page>>,
): Promise<HealthServer | undefined> {
  const { address, port } = flags;
  if (port === 0) return undefined;
  try {
    const server = await startHealthServer({ address, port, metrics, config: flags, flags, pages });
    log.info(`Serving healthz and metrics on ${server.url}`);
    return server;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`failed to listen on ${address}:${port}: ${why}`);
  }
}

function limited(transport: Connection["transport"], { flags, clock }: LeadingContext) {
  const requestsPerSecond = flags["kube-api-qps"];
  const burst = flags["kube-api-burst"] || 2 * requestsPerSecond;
  if (requestsPerSecond <= 0) return transport;
  return limitedTransport(transport, { requestsPerSecond, burst }, clock);
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

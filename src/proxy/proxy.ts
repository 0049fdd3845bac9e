/**
 * The service proxy of a node: watches Services and EndpointSlices (or Endpoints, where the cluster has
 * no slices), and has its mode carry them out.
 *
 * Rule: nothing is synced before both lists have arrived, so that a restart takes nothing away.
 * Each sync is about all that is in the caches, whatever it was that changed.
 *
 * In Kubernetes: cmd/kube-proxy/app/server.go, pkg/proxy/config
 */
import { EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { Endpoints } from "../api/endpoints.ts";
import { Node } from "../api/node.ts";
import { Service } from "../api/service.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { createEventRecorder, type EventRecorder } from "../client/events.ts";
import type { Informer } from "../client/informer.ts";
import type { ServiceEndpoints } from "./endpoint.ts";
import { type EndpointsSource, joinServices } from "./endpoints-map.ts";
import type { ProxyMode } from "./mode.ts";
import { NETWORK_TRIGGER_TIME, noObserver, type ProxyObserver } from "./observer.ts";
import { ServiceHealth } from "./service-health.ts";
import { SyncRunner } from "./sync-runner.ts";

export interface ProxyOptions {
  nodeName: string;
  mode: ProxyMode;
  /** How often the rules are looked at. */
  syncPeriodMs: number;
  minSyncPeriodMs: number;
  /** Where endpoints are read from. Default: Endpoints. */
  usesSlices?: boolean;
  observer?: ProxyObserver;
}

export interface RunningProxy {
  readonly mode: ProxyMode;
  /** How long the oldest change has been waiting to be carried out; 0 when none is. */
  readonly waitingMs: number;
  /** When the rules were last known to be right. */
  readonly lastSynced: Date | undefined;
  /** Resolves after the signal has aborted and everything is closed. */
  readonly stopped: Promise<void>;
}

/** Resolves after the first sync. */
export function startProxy(
  context: ComponentContext,
  options: ProxyOptions,
): Promise<RunningProxy> {
  return new ServiceProxy(context, options).start();
}

class ServiceProxy implements RunningProxy {
  readonly mode: ProxyMode;
  readonly stopped: Promise<void>;
  lastSynced: Date | undefined;
  readonly #context: ComponentContext;
  readonly #options: ProxyOptions;
  readonly #observer: ProxyObserver;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<EndpointsSource>;
  /** This one alone: for the zone it is in. */
  readonly #node: Informer<Node>;
  readonly #runner: SyncRunner;
  readonly #health: ServiceHealth;
  readonly #events: EventRecorder;
  /** When the pods or services changed that these endpoints come from. */
  #triggered: Date[] = [];
  #markSynced: () => void = () => undefined;
  #markStopped: () => void = () => undefined;

  constructor(context: ComponentContext, options: ProxyOptions) {
    const { informers, clock, log, signal } = context;
    this.mode = options.mode;
    this.#context = context;
    this.#options = options;
    this.#observer = options.observer ?? noObserver;
    this.#services = informers.of(Service);
    this.#endpoints = options.usesSlices ? informers.of(EndpointSlice) : informers.of(Endpoints);
    this.#node = informers.of(Node, { fieldSelector: `metadata.name=${options.nodeName}` });
    const component = { component: "kube-proxy", host: options.nodeName };
    this.#events = createEventRecorder({ ...context, ...component });
    this.#health = new ServiceHealth(() => this.waitingMs < 2 * options.syncPeriodMs, log);
    this.#runner = new SyncRunner({
      sync: (isCheck) => this.#sync(isCheck),
      minPeriodMs: options.minSyncPeriodMs,
      checkPeriodMs: options.syncPeriodMs,
      ...{ clock, log, signal },
    });
    this.stopped = new Promise((resolve) => {
      this.#markStopped = resolve;
    });
  }

  get waitingMs(): number {
    return this.#runner.waitingMs;
  }

  async start(): Promise<RunningProxy> {
    const { log, signal } = this.#context;
    await this.mode.prepare();
    const what = `Services and ${this.#endpoints.kind.kind}`;
    log.info(`Not syncing until ${what} have been received from master`, {}, 2);
    const received = Promise.all([this.#services.synced(), this.#endpoints.synced()]);
    await Promise.race([received, aborted(signal)]);
    const synced = new Promise<void>((resolve) => {
      this.#markSynced = resolve;
    });
    this.#services.onChange(() => this.#changed("service"));
    this.#endpoints.onChange((obj) => {
      const at = obj?.metadata.annotations?.[NETWORK_TRIGGER_TIME];
      if (at !== undefined) this.#triggered.push(new Date(at));
      this.#changed("endpoint");
    });
    this.#node.onChange((node, old) => {
      if (zoneOf(node) !== zoneOf(old)) this.#runner.request();
    });
    // What was there before this proxy was is nobody's delay.
    this.#triggered = [];
    this.#runner.request(true);
    void this.#run();
    await Promise.race([synced, this.stopped]);
    return this;
  }

  async #run(): Promise<void> {
    await this.#runner.run();
    await this.mode.stop();
    await this.#health.stop();
    this.#markStopped();
  }

  #changed(what: "service" | "endpoint"): void {
    this.#observer.changed(what);
    this.#runner.request();
  }

  async #sync(isCheck: boolean): Promise<void> {
    const { clock } = this.#context;
    const began = clock.monotonicMs();
    const triggered = this.#triggered.splice(0);
    const services = this.#joined();
    try {
      await this.mode.sync(services, isCheck);
    } catch (error) {
      this.#observer.failed();
      throw error;
    }
    await this.#health.update(services);
    this.lastSynced = clock.now();
    this.#observer.synced(clock.monotonicMs() - began, this.lastSynced, triggered);
    this.#markSynced();
  }

  #joined(): ServiceEndpoints[] {
    const services = this.#services.list();
    if (this.mode.name === "userspace") for (const one of services) this.#refuseSctp(one);
    const { nodeName } = this.#options;
    const zone = zoneOf(this.#node.get("", nodeName));
    return joinServices(services, this.#endpoints.list(), nodeName, zone);
  }

  #refuseSctp(service: Service): void {
    if (!service.spec.ports?.some(({ protocol }) => protocol === "SCTP")) return;
    const message = "SCTP is not supported by kube-proxy in userspace mode";
    this.#events.event(service, "Warning", "ProtocolNotSupported", message);
  }
}

function zoneOf(node: Node | undefined): string | undefined {
  return node?.metadata.labels?.["topology.kubernetes.io/zone"];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

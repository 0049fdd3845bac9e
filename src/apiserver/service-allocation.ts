/**
 * Cluster IPs and node ports: every service gets its own, out of a range.
 *
 * Its rule: what is taken is what the stored services say, and what is being written just now; of several API
 * servers, the one whose claim is in the store (service-claims.ts). An address comes free when its service goes.
 *
 * In Kubernetes: pkg/registry/core/service/storage/alloc.go and pkg/registry/core/service/{ipallocator,portallocator}.
 * Differs: no healthCheckNodePort; IPv4 alone.
 */
import type { ServicePort, ServiceSpec } from "kubernetes-types/core/v1.js";
import { internalError, invalid } from "../api/errors.ts";
import { invalidValue } from "../api/field-error.ts";
import { type KubeObject, storageKey } from "../api/kind.ts";
import { Service } from "../api/service.ts";
import { clusterIpErrors } from "../api/service-ip-validation.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission/admission.ts";
import { Allotment } from "./allotment.ts";
import { type Claim, type Claimant, ServiceClaims } from "./service-claims.ts";
import { ServiceIpRange } from "./service-ip-range.ts";
import type { CachedObject } from "./storage/cached-object.ts";
import type { ResourceCache } from "./storage/resource-cache.ts";
import type { Store, StoreWatch } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface ServiceAllocationOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  log: Log;
  random: Random;
  /** "10.254.0.0/16" */
  range: string;
  /** The first and the last. */
  nodePorts: [number, number];
}

const NONE = "None";
const TAKEN_IP = "provided IP is already allocated";

/** What is asked, for which service; what it had before needs no new claim. */
interface Wish {
  service: Service;
  key: string;
  request: AdmissionRequest;
  had: ReadonlySet<Claim>;
}

export class ServiceAllocation {
  readonly range: ServiceIpRange;
  readonly #nodePorts: [number, number];
  readonly #random: Random;
  readonly #cache: WatchCache;
  readonly #services: ResourceCache;
  readonly #ips = new Allotment<string>();
  readonly #ports = new Allotment<number>();
  readonly #claims: ServiceClaims;
  readonly #lifetime = new AbortController();
  #watch: StoreWatch | undefined;
  #isStopped = false;

  constructor(options: ServiceAllocationOptions) {
    const { cache, random, range, nodePorts } = options;
    this.range = new ServiceIpRange(range);
    this.#nodePorts = nodePorts;
    this.#random = random;
    this.#services = cache.resource(storageKey(Service));
    this.#claims = new ServiceClaims(options);
    this.#cache = cache;
    this.#follow();
    this.#claims.start(({ spec }) => this.#claimsOf(spec), this.#lifetime.signal);
  }

  readonly admission: AdmissionPlugin = {
    name: "ServiceAllocation",
    admit: (request) => {
      const { kind, object, subresource, oldObject } = request;
      if (kind !== Service || object === undefined || subresource !== "") return;
      return this.#allot(object as Service, oldObject as Service | undefined, request);
    },
  };

  stop(): void {
    this.#isStopped = true;
    this.#lifetime.abort();
    this.#watch?.stop();
  }

  #follow(): void {
    if (this.#isStopped) return;
    const { items, revision } = this.#services.list();
    for (const { key, object } of items) this.#record(key, object);
    this.#watch = this.#services.watch(revision, {
      onEvents: (events) => {
        for (const { current, previous, type } of events) {
          const now = type === "DELETED" ? undefined : current.object;
          this.#record(current.key, now);
          this.#releaseClaims(current, previous?.object ?? current.object, now);
        }
      },
      onError: () => queueMicrotask(() => this.#follow()),
    });
  }

  #record(key: string, obj: KubeObject | undefined): void {
    const spec = (obj as Service | undefined)?.spec ?? {};
    this.#ips.set(key, ipsOf(spec));
    this.#ports.set(key, portsOf(spec));
  }

  /** Takes back what a service had until now. */
  #releaseClaims({ key, modRevision }: CachedObject, old: KubeObject, now: KubeObject | undefined) {
    const kept = new Set(now === undefined ? [] : this.#claimsOf((now as Service).spec));
    const claimant = { key, uid: old.metadata.uid ?? "" };
    for (const claim of this.#claimsOf((old as Service).spec)) {
      if (!kept.has(claim)) this.#claims.release(claim, claimant, modRevision);
    }
  }

  /** The first address is the kubernetes service's, and nobody has to claim it. */
  #claimsOf(spec: ServiceSpec): Claim[] {
    const ips = ipsOf(spec).filter((ip) => this.range.has(ip) && ip !== this.range.at(0));
    return [...ips.map(ipClaim), ...portsOf(spec).map(portClaim)];
  }

  async #allot(service: Service, old: Service | undefined, request: AdmissionRequest) {
    const key = storageKey(Service, service.metadata.namespace, service.metadata.name);
    const { spec } = service;
    if (old !== undefined) carryOver(spec, old.spec);
    if (spec.type === "ExternalName") return;
    const { clusterIP: ip } = spec;
    const wrong = old ? [] : clusterIpErrors({ clusterIPs: ip ? [ip] : [], ...spec });
    if (wrong.length > 0) throw invalid(Service, service.metadata.name, wrong);
    const had = new Set(old === undefined ? [] : this.#claimsOf(old.spec));
    const wish = { service, key, request, had };
    await this.#allotIp(wish);
    if (
      spec.type === "NodePort" ||
      (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts)
    ) {
      for (const [i, port] of (spec.ports ?? []).entries()) {
        await this.#allotPort(wish, port, `spec.ports[${i}].nodePort`);
      }
    }
  }

  async #allotIp(wish: Wish): Promise<void> {
    const { service, key } = wish;
    const { spec } = service;
    const wanted = spec.clusterIP || spec.clusterIPs?.[0] || "";
    if (wanted === NONE) {
      spec.clusterIP = NONE;
      spec.clusterIPs = [NONE];
      return;
    }
    // Who has it may be gone, and the news on its way.
    if (wanted && this.#whyNotIp(wanted, key) === TAKEN_IP) await this.#cache.fresh();
    const why = wanted && this.#whyNotIp(wanted, key);
    const ip = why
      ? undefined
      : await this.#take(wish, this.#ips, wanted, (tried) => this.#freeIp(tried), ipClaim);
    if (ip === undefined) {
      const detail = `failed to allocate IP ${wanted}: ${why || TAKEN_IP}`;
      const error = invalidValue("spec.clusterIPs", spec.clusterIPs ?? [wanted], detail);
      throw invalid(Service, service.metadata.name, [error]);
    }
    spec.clusterIP = ip;
    spec.clusterIPs ??= [ip];
  }

  #whyNotIp(ip: string, key: string): string | undefined {
    if (!this.range.has(ip)) {
      return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${this.range.text}`;
    }
    const isFree = !this.#ips.has(ip) || this.#ips.isHeldBy(ip, key);
    return isFree ? undefined : TAKEN_IP;
  }

  async #allotPort(wish: Wish, port: ServicePort, field: string): Promise<void> {
    const [first, last] = this.#nodePorts;
    const wanted = port.nodePort || 0;
    const refuse = (why: string) =>
      invalid(Service, wish.service.metadata.name, [invalidValue(field, wanted, why)]);
    if (wanted !== 0 && (wanted < first || wanted > last)) {
      throw refuse(
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    }
    const isTaken = this.#ports.has(wanted) && !this.#ports.isHeldBy(wanted, wish.key);
    if (isTaken) await this.#cache.fresh();
    const nodePort = await this.#take(
      wish,
      this.#ports,
      wanted,
      (tried) => this.#freePort(tried),
      portClaim,
    );
    if (nodePort === undefined) throw refuse("provided port is already allocated");
    port.nodePort = nodePort;
  }

  /** The value wanted, or any that is free; undefined where another has it. */
  async #take<V extends string | number>(
    wish: Wish,
    allotment: Allotment<V>,
    wanted: V,
    anyFreeBut: (tried: ReadonlySet<V>) => V,
    claimOf: (value: V) => Claim,
  ): Promise<V | undefined> {
    const { service, key, request, had } = wish;
    const tried = new Set<V>();
    while (!wanted || tried.size === 0) {
      const value = wanted || anyFreeBut(tried);
      tried.add(value);
      const isOurs = allotment.isHeldBy(value, key);
      if (!allotment.take(value, key)) return undefined;
      const claim = claimOf(value);
      const isClaimed = request.isDryRun || had.has(claim) || value === this.range.at(0);
      if (isClaimed) {
        if (!isOurs) request.onFailure(() => allotment.release(value, key));
        return value;
      }
      const claimant: Claimant = { key, uid: service.metadata.uid ?? "" };
      const giveBack = () => {
        if (!isOurs) allotment.release(value, key);
        this.#claims.releaseUnlessStored(claim, claimant, ({ spec }) =>
          this.#claimsOf(spec).includes(claim),
        );
      };
      if (await this.#claims.make(claim, claimant)) {
        request.onFailure(giveBack);
        return value;
      }
      if (!isOurs) allotment.release(value, key);
    }
    return undefined;
  }

  #freeIp(tried: ReadonlySet<string>): string {
    const index = this.#free(this.range.size, (i) => {
      const ip = this.range.at(i);
      return i > 0 && !this.#ips.has(ip) && !tried.has(ip);
    });
    if (index === undefined) throw internalError("failed to allocate a serviceIP: range is full");
    return this.range.at(index);
  }

  #freePort(tried: ReadonlySet<number>): number {
    const [first, last] = this.#nodePorts;
    const index = this.#free(last - first + 1, (i) => {
      return !this.#ports.has(first + i) && !tried.has(first + i);
    });
    if (index === undefined) throw internalError("failed to allocate a nodePort: range is full");
    return first + index;
  }

  /** Goes round from a random place, so that what was freed last is not what is given out next. */
  #free(size: number, isFree: (index: number) => boolean): number | undefined {
    const start = Math.floor(this.#random.next() * size);
    for (let i = 0; i < size; i++) {
      const index = (start + i) % size;
      if (isFree(index)) return index;
    }
    return undefined;
  }
}

const ipClaim = (ip: string): Claim => `serviceips/${ip}`;
const portClaim = (port: number): Claim => `servicenodeports/${port}`;

function portsOf({ ports = [] }: ServiceSpec): number[] {
  return ports.flatMap(({ nodePort }) => nodePort || []);
}

function ipsOf({ clusterIP, clusterIPs }: ServiceSpec): string[] {
  const ips = clusterIPs?.length ? clusterIPs : [clusterIP ?? ""];
  return ips.filter((ip) => ip !== "" && ip !== NONE);
}

/** An update keeps what was allotted, as long as it is of the same type; else it gives it back. */
function carryOver(spec: ServiceSpec, old: ServiceSpec): void {
  const kept = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort]));
  const needsPorts = spec.type === "NodePort" || spec.type === "LoadBalancer";
  for (const port of spec.ports ?? []) {
    const was = kept.get(portKey(port));
    if (needsPorts && !port.nodePort && was) port.nodePort = was;
    if (!needsPorts && port.nodePort === was) delete port.nodePort;
  }
  if (spec.type !== "ExternalName" || old.type === "ExternalName") return;
  if (spec.clusterIP === old.clusterIP) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
}

function portKey({ port, protocol }: ServicePort): string {
  return `${protocol}/${port}`;
}

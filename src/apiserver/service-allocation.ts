/**
 * Cluster IPs and node ports: every service gets its own, out of a range.
 *
 * Its rule: what is taken is what the stored services say, and what is being written just now. So nothing
 * has to be repaired after a crash, and an address comes free when its service goes.
 *
 * In Kubernetes: pkg/registry/core/service/storage/alloc.go and pkg/registry/core/service/{ipallocator,portallocator}.
 * Differs: one API server allots at a time; no healthCheckNodePort; IPv4 alone.
 */
import type { ServicePort, ServiceSpec } from "kubernetes-types/core/v1.js";
import { internalError, invalid } from "../api/errors.ts";
import { invalidValue } from "../api/field-error.ts";
import { type KubeObject, storageKey } from "../api/kind.ts";
import { Service } from "../api/service.ts";
import type { Random } from "../component/random.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission/admission.ts";
import { Allotment } from "./allotment.ts";
import { ServiceIpRange } from "./service-ip-range.ts";
import type { ResourceCache } from "./storage/resource-cache.ts";
import type { StoreWatch } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface ServiceAllocationOptions {
  cache: WatchCache;
  random: Random;
  /** "10.254.0.0/16" */
  range: string;
  /** The first and the last. */
  nodePorts: [number, number];
}

const NONE = "None";

export class ServiceAllocation {
  readonly range: ServiceIpRange;
  readonly #nodePorts: [number, number];
  readonly #random: Random;
  readonly #services: ResourceCache;
  readonly #ips = new Allotment<string>();
  readonly #ports = new Allotment<number>();
  #watch: StoreWatch | undefined;
  #isStopped = false;

  constructor({ cache, random, range, nodePorts }: ServiceAllocationOptions) {
    this.range = new ServiceIpRange(range);
    this.#nodePorts = nodePorts;
    this.#random = random;
    this.#services = cache.resource(storageKey(Service));
    this.#follow();
  }

  readonly admission: AdmissionPlugin = {
    name: "ServiceAllocation",
    admit: (request) => {
      const { kind, object, subresource, oldObject } = request;
      if (kind !== Service || object === undefined || subresource !== "") return;
      this.#allot(object as Service, oldObject as Service | undefined, request);
    },
  };

  stop(): void {
    this.#isStopped = true;
    this.#watch?.stop();
  }

  #follow(): void {
    if (this.#isStopped) return;
    const { items, revision } = this.#services.list();
    for (const { key, object } of items) this.#record(key, object);
    this.#watch = this.#services.watch(revision, {
      onEvents: (events) => {
        for (const { current, type } of events) {
          this.#record(current.key, type === "DELETED" ? undefined : current.object);
        }
      },
      onError: () => queueMicrotask(() => this.#follow()),
    });
  }

  #record(key: string, obj: KubeObject | undefined): void {
    const spec = (obj as Service | undefined)?.spec ?? {};
    this.#ips.set(key, ipsOf(spec));
    this.#ports.set(
      key,
      (spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []),
    );
  }

  #allot(service: Service, old: Service | undefined, request: AdmissionRequest): void {
    const key = storageKey(Service, service.metadata.namespace, service.metadata.name);
    const { spec } = service;
    if (old !== undefined) carryOver(spec, old.spec);
    if (spec.type === "ExternalName") return;
    this.#allotIp(service, key, request);
    if (
      spec.type === "NodePort" ||
      (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts)
    ) {
      for (const [i, port] of (spec.ports ?? []).entries()) {
        this.#allotPort(service, port, `spec.ports[${i}].nodePort`, key, request);
      }
    }
  }

  #allotIp(service: Service, key: string, request: AdmissionRequest): void {
    const { spec } = service;
    const wanted = spec.clusterIP || spec.clusterIPs?.[0] || "";
    if (wanted === NONE) {
      spec.clusterIP = NONE;
      spec.clusterIPs = [NONE];
      return;
    }
    const ip = wanted || this.#freeIp();
    const why = this.#whyNotIp(ip, key);
    if (why !== undefined) {
      const detail = `failed to allocate IP ${ip}: ${why}`;
      const error = invalidValue("spec.clusterIPs", spec.clusterIPs ?? [ip], detail);
      throw invalid(Service, service.metadata.name, [error]);
    }
    if (!this.#ips.isHeldBy(ip, key)) request.onFailure(() => this.#ips.release(ip, key));
    this.#ips.take(ip, key);
    spec.clusterIP = ip;
    spec.clusterIPs ??= [ip];
  }

  #whyNotIp(ip: string, key: string): string | undefined {
    if (!this.range.has(ip)) {
      return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${this.range.text}`;
    }
    const isFree = !this.#ips.has(ip) || this.#ips.isHeldBy(ip, key);
    return isFree ? undefined : "provided IP is already allocated";
  }

  #allotPort(
    service: Service,
    port: ServicePort,
    field: string,
    key: string,
    request: AdmissionRequest,
  ): void {
    const [first, last] = this.#nodePorts;
    port.nodePort ||= this.#freePort();
    const { nodePort } = port;
    const refuse = (why: string) =>
      invalid(Service, service.metadata.name, [invalidValue(field, nodePort, why)]);
    if (nodePort < first || nodePort > last) {
      throw refuse(
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    }
    const isOurs = this.#ports.isHeldBy(nodePort, key);
    if (!this.#ports.take(nodePort, key)) throw refuse("provided port is already allocated");
    if (!isOurs) request.onFailure(() => this.#ports.release(nodePort, key));
  }

  #freeIp(): string {
    const index = this.#free(this.range.size, (i) => i > 0 && !this.#ips.has(this.range.at(i)));
    if (index === undefined) throw internalError("failed to allocate a serviceIP: range is full");
    return this.range.at(index);
  }

  #freePort(): number {
    const [first, last] = this.#nodePorts;
    const index = this.#free(last - first + 1, (i) => !this.#ports.has(first + i));
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

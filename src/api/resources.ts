/**
 * What a pod asks of its node: the sum of its containers' requests, and the class of service that
 * follows from requests and limits.
 *
 * The rule: init containers run one after another, before the others, so of them only the greatest
 * counts; those with restartPolicy Always go on running and count from there on.
 *
 * In Kubernetes: pkg/api/v1/resource/helpers.go, pkg/apis/core/v1/helper/qos/qos.go
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import {
  addQuantities,
  canonical,
  formatQuantity,
  maxQuantity,
  parseQuantity,
  type Quantity,
  quantityError,
  quantityOf,
  roundUpToMilli,
} from "./quantity.ts";

/** As written in an object: `{ cpu: "250m", memory: "64Mi" }`. */
export type ResourceList = Record<string, string>;

/** The same, read. */
export type Amounts = Record<string, Quantity>;

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** What the scheduler sets aside and the kubelet admits by. */
export function podRequests(spec: PodSpec): Amounts {
  return sumOf(spec, (container) => container.resources?.requests ?? {});
}

export function podLimits(spec: PodSpec): Amounts {
  return sumOf(spec, (container) => container.resources?.limits ?? {});
}

/**
 * Guaranteed: every container has limits for cpu and memory and asks for just that much.
 * BestEffort: none asks for anything. Burstable: all between.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const counted = containers.map(({ resources = {} }) => ({
    requests: positive(resources.requests),
    limits: positive(resources.limits),
  }));
  const isNothingAsked = counted.every(
    ({ requests, limits }) => isEmpty(requests) && isEmpty(limits),
  );
  if (isNothingAsked) return "BestEffort";
  const areAllFixed = counted.every(({ requests, limits }) =>
    ["cpu", "memory"].every((name) => {
      const limit = limits[name];
      return limit !== undefined && limit.nano === (requests[name] ?? limit).nano;
    }),
  );
  return areAllFixed ? "Guaranteed" : "Burstable";
}

export function readResources(list: ResourceList = {}): Amounts {
  return Object.fromEntries(
    Object.entries(list).map(([name, amount]) => [name, quantityOf(amount)]),
  );
}

export function writeResources(amounts: Amounts): ResourceList {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, formatQuantity(amount)]),
  );
}

/** In canonical form, no finer than thousandths. What cannot be read is left for validation. */
export function canonicalResources(list: ResourceList): ResourceList {
  return Object.fromEntries(
    Object.entries(list).map(([name, amount]) => [name, canonicalAmount(amount)]),
  );
}

export function canonicalQuantity(amount: string | number): string {
  return quantityError(String(amount)) === undefined ? canonical(amount) : String(amount);
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, addQuantities);
}

function canonicalAmount(amount: string | number): string {
  if (quantityError(String(amount)) !== undefined) return String(amount);
  return formatQuantity(roundUpToMilli(parseQuantity(String(amount))));
}

function sumOf(spec: PodSpec, listOf: (container: Container) => ResourceList): Amounts {
  let running: Amounts = {};
  for (const container of spec.containers) {
    running = addAmounts(running, readResources(listOf(container)));
  }
  let starting: Amounts = {};
  let sidecars: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = readResources(listOf(container));
    if (isSidecar(container)) {
      running = addAmounts(running, own);
      sidecars = addAmounts(sidecars, own);
      starting = combine(starting, sidecars, maxQuantity);
    } else {
      starting = combine(starting, addAmounts(own, sidecars), maxQuantity);
    }
  }
  return addOverhead(combine(running, starting, maxQuantity), spec.overhead);
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

function addOverhead(amounts: Amounts, overhead: ResourceList | undefined): Amounts {
  return overhead === undefined ? amounts : addAmounts(amounts, readResources(overhead));
}

function combine(a: Amounts, b: Amounts, how: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const result: Amounts = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const other = result[name];
    result[name] = other === undefined ? amount : how(other, amount);
  }
  return result;
}

/** Only processors and memory decide the class; zero is nothing, and so is what cannot be read. */
function positive(list: ResourceList | undefined): Amounts {
  const entries = Object.entries(list ?? {}).filter(
    ([name, amount]) => ["cpu", "memory"].includes(name) && !quantityError(String(amount)),
  );
  const amounts = Object.entries(readResources(Object.fromEntries(entries)));
  return Object.fromEntries(amounts.filter(([, { nano }]) => nano > 0n));
}

function isEmpty(amounts: Amounts): boolean {
  return Object.keys(amounts).length === 0;
}

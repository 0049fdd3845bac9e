/**
 * Amounts of resources as plain numbers, quick to add and to compare: cpu in thousandths of a
 * core, memory and storage in bytes, everything else by name.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (Resource)
 */
import { milliValue, type Quantity, wholeValue } from "../api/quantity.ts";

export interface ResourceSums {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources and huge pages. */
  scalars: Map<string, number>;
}

export function noResources(): ResourceSums {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: new Map() };
}

export function sumsOf(amounts: Record<string, Quantity>): ResourceSums {
  const sums = noResources();
  for (const [name, quantity] of Object.entries(amounts)) {
    if (name === "cpu") sums.milliCpu = milliValue(quantity);
    else if (name === "memory") sums.memory = wholeValue(quantity);
    else if (name === "ephemeral-storage") sums.ephemeralStorage = wholeValue(quantity);
    else if (isScalar(name)) sums.scalars.set(name, wholeValue(quantity));
  }
  return sums;
}

export function amountOf(sums: ResourceSums, name: string): number {
  switch (name) {
    case "cpu":
      return sums.milliCpu;
    case "memory":
      return sums.memory;
    case "ephemeral-storage":
      return sums.ephemeralStorage;
    default:
      return sums.scalars.get(name) ?? 0;
  }
}

export function isNothing({ milliCpu, memory, ephemeralStorage, scalars }: ResourceSums): boolean {
  return milliCpu === 0 && memory === 0 && ephemeralStorage === 0 && scalars.size === 0;
}

export function add(sums: ResourceSums, more: ResourceSums): void {
  change(sums, more, 1);
}

export function subtract(sums: ResourceSums, less: ResourceSums): void {
  change(sums, less, -1);
}

/** "nvidia.com/gpu" and the like. */
export function isExtended(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

/** Those, and what is counted in pieces. */
function isScalar(name: string): boolean {
  return (
    isExtended(name) || name.startsWith("hugepages-") || name.startsWith("attachable-volumes-")
  );
}

function change(sums: ResourceSums, by: ResourceSums, sign: 1 | -1): void {
  sums.milliCpu += sign * by.milliCpu;
  sums.memory += sign * by.memory;
  sums.ephemeralStorage += sign * by.ephemeralStorage;
  for (const [name, amount] of by.scalars) {
    sums.scalars.set(name, (sums.scalars.get(name) ?? 0) + sign * amount);
  }
}

/** Figures of a simulated container: made up, but steady, growing with time, and near its requests. */
import type { ContainerStats } from "../kubelet/runtime/runtime.ts";
import type { SimulatedContainer } from "./container.ts";

const BASE_MEMORY_BYTES = 4 * 1024 * 1024;

export function statsOf(container: SimulatedContainer, now: Date): ContainerStats {
  const { id, status } = container;
  const aliveMs = Math.max(0, now.getTime() - (status.startedAt ?? now).getTime());
  const variety = Number.parseInt(id.slice(0, 4), 16) % 4096;
  const memory = BASE_MEMORY_BYTES + variety * 1024;
  return {
    containerId: id,
    pod: status.pod,
    name: status.name,
    time: now,
    cpuNanoseconds: container.cpuNanoseconds(now),
    memoryUsageBytes: memory + 1024 * 1024,
    memoryWorkingSetBytes: memory,
    memoryRssBytes: Math.floor(memory * 0.8),
    network: { rxBytes: aliveMs, txBytes: aliveMs, rxErrors: 0, txErrors: 0 },
    writableLayerBytes: 4096,
  };
}

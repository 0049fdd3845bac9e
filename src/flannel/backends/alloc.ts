/**
 * alloc: leases only. Each host gets its subnet, and how packets travel is somebody else's business: a
 * cloud's route table, or an administrator's.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/alloc/alloc.go
 */
import type { Backend, BackendContext } from "./backend.ts";

export async function openAllocOnly({ external }: BackendContext): Promise<Backend> {
  return {
    type: "alloc",
    mtu: external.mtu,
    attach: async () => undefined,
    sync: async () => undefined,
  };
}

/**
 * A backend: how a packet for a pod on another host gets there.
 *
 * Rule: `sync` is told who all the others are, never what has happened. It looks at what the kernel has
 * and changes what differs, so that a restart, a lost event or a deleted route all heal alike.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/common.go
 */
import type { RunCommand } from "../../component/command.ts";
import type { Log } from "../../component/log.ts";
import type { Random } from "../../component/random.ts";
import type { NetworkConfig } from "../config.ts";
import type { ExternalInterface } from "../interface.ts";
import type { Lease } from "../lease.ts";
import type { Subnet } from "../subnet.ts";

export interface Backend {
  /** "vxlan": as in the config, and in the leases of those who speak it. */
  readonly type: string;
  /** The largest packet a pod may send. */
  readonly mtu: number;
  /** What others must know of this host beside its address: a part of its lease. */
  readonly data?: unknown;
  /** Called once, with the subnet this host has got. */
  attach(subnet: Subnet): Promise<void>;
  /** Makes this host lead to the leases of the others, and to nothing else. */
  sync(peers: readonly Lease[]): Promise<void>;
}

export interface BackendContext {
  config: NetworkConfig;
  external: ExternalInterface;
  run: RunCommand;
  random: Random;
  log: Log;
}

export type OpenBackend = (context: BackendContext) => Promise<Backend>;

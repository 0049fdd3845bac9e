/** A way to carry out services on a node: what `--proxy-mode` chooses. */

import type { RunCommand } from "../component/command.ts";
import type { Iptables } from "../component/iptables.ts";
import type { Log } from "../component/log.ts";
import type { ServiceEndpoints } from "./endpoint.ts";

export const PROXY_MODES = ["iptables", "userspace"] as const;
export type ProxyModeName = (typeof PROXY_MODES)[number];

export interface ProxyMode {
  readonly name: ProxyModeName;
  /** Takes away what the other mode has left behind, and sets the kernel up. Once. */
  prepare(): Promise<void>;
  /** Carries out exactly these services. `isCheck`: takes nothing for granted. */
  sync(services: readonly ServiceEndpoints[], isCheck: boolean): Promise<void>;
  /** Closes what was opened. Rules stay: connections go on while a proxy is restarted. */
  stop(): Promise<void>;
}

/** The node's kernel, as a mode reaches it. */
export interface Kernel {
  run: RunCommand;
  iptables: Iptables;
  log: Log;
}

/**
 * Every backend there is, by the name a config gives it.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/manager.go.
 * Differs: those of clouds and of encrypted tunnels are not built, nor is udp
 * (docs/decisions/flannel-udp.md).
 */
import { StartError } from "../../component/daemon.ts";
import { openAllocOnly } from "./alloc.ts";
import type { Backend, BackendContext, OpenBackend } from "./backend.ts";
import { openHostGateway } from "./host-gw.ts";
import { openVxlan } from "./vxlan.ts";

const BACKENDS: Readonly<Record<string, OpenBackend>> = {
  vxlan: openVxlan,
  "host-gw": openHostGateway,
  alloc: openAllocOnly,
};

const UDP =
  'the backend "udp", which is also meant where the config names none, is not built: it needs a TUN ' +
  "device, and no well-kept library opens one in Node. vxlan does the same, faster: add " +
  '"Backend": {"Type": "vxlan"} to the config';

export async function openBackend(context: BackendContext): Promise<Backend> {
  const { type } = context.config.backend;
  const open = BACKENDS[type];
  if (open !== undefined) return open(context);
  throw new StartError(type === "udp" ? UDP : `unknown backend type: ${type}`);
}

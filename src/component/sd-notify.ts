/**
 * Tells systemd how a service is doing: "READY=1" when it is at work, "STOPPING=1" when it ends.
 *
 * The rule of the protocol: where NOTIFY_SOCKET is not set nobody listens, and nothing is done.
 *
 * In Kubernetes: github.com/coreos/go-systemd/daemon (SdNotify). Differs: Node has no datagram
 * sockets of the Unix kind, so the program systemd-notify says it for us; the unit needs
 * NotifyAccess=all. See docs/decisions/sd-notify.md.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

export type ServiceState = "READY=1" | "STOPPING=1";

/** Resolves to false when nobody listens. Rejects where systemd-notify is missing or fails. */
export async function notifySystemd(
  state: ServiceState,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  if (!environment.NOTIFY_SOCKET) return false;
  const args = [`--pid=${process.pid}`, state];
  await run("systemd-notify", args, { env: environment, timeout: TIMEOUT_MS });
  return true;
}

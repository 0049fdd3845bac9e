/**
 * Kernel settings, by name: "net.ipv4.conf.all.route_localnet".
 *
 * Through programs, and not as files of this process: /proc/sys/net is another one in each network
 * namespace, and a proxy may work in another than its own.
 *
 * In Kubernetes: k8s.io/component-helpers/node/util/sysctl
 */
import { CommandError, type RunCommand } from "../component/command.ts";

/** Undefined where the kernel has no such setting. */
export async function readSysctl(run: RunCommand, name: string): Promise<string | undefined> {
  try {
    return (await run("cat", [pathOf(name)])).stdout.trim();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Writes it if it has another value. */
export async function ensureSysctl(run: RunCommand, name: string, value: string): Promise<void> {
  if ((await readSysctl(run, name)) !== value) await run("tee", [pathOf(name)], value);
}

function pathOf(name: string): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

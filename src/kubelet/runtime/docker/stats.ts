/**
 * Figures of all running containers: from the kernel where the daemon's processes are ours to see,
 * else from the daemon.
 *
 * In Kubernetes: pkg/kubelet/stats/cadvisor_stats_provider.go
 */
import { readFile } from "node:fs/promises";
import type { ContainerInfo } from "dockerode";
import type { Clock } from "../../../component/clock.ts";
import { type ContainerStats, NotFoundError } from "../runtime.ts";
import { type CgroupPaths, cgroupPaths, readUsage, type Usage } from "./cgroups.ts";
import { CONTAINER, LABEL, podOf } from "./container-names.ts";
import { inspect } from "./containers.ts";
import type { DockerConnection } from "./docker-connection.ts";

type Network = NonNullable<ContainerStats["network"]>;

/** What need not be asked again while a container runs. */
interface Place {
  pid: number;
  cgroup: CgroupPaths;
  isOnHostNetwork: boolean;
}

export class Stats {
  readonly #connection: DockerConnection;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();

  constructor(connection: DockerConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async read(): Promise<ContainerStats[]> {
    const running = await this.#connection.ask((docker) =>
      docker.listContainers({ filters: { label: [`${LABEL.type}=${CONTAINER}`] } }),
    );
    this.#forgetAllBut(new Set(running.map(({ Id }) => Id)));
    const stats = await Promise.all(running.map((info) => this.#statsOf(info)));
    return stats.filter((one) => one !== undefined);
  }

  /** Undefined for one that has just ended. */
  async #statsOf(info: ContainerInfo): Promise<ContainerStats | undefined> {
    try {
      const { usage, network } = await this.#figuresOf(info);
      return {
        containerId: info.Id,
        pod: podOf(info.Labels),
        name: info.Labels[LABEL.containerName] ?? "",
        time: this.#clock.now(),
        ...usage,
        ...(network && { network }),
      };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  async #figuresOf(info: ContainerInfo): Promise<{ usage: Usage; network: Network | undefined }> {
    const place = this.#places.get(info.Id) ?? (await this.#find(info));
    if (!place) return askDaemon(this.#connection, info.Id);
    this.#places.set(info.Id, place);
    const [usage, network] = await Promise.all([
      readUsage(place.cgroup),
      place.isOnHostNetwork ? undefined : readNetwork(place.pid),
    ]);
    return { usage, network };
  }

  /** Undefined where the daemon's processes are not to be seen from here. */
  async #find({ Id, Labels }: ContainerInfo): Promise<Place | undefined> {
    const { State } = await inspect(this.#connection, Id);
    try {
      const cgroup = await readFile(`/proc/${State.Pid}/cgroup`, "utf8");
      if (!cgroup.includes(Id)) return undefined;
      const sandbox = await inspect(this.#connection, Labels[LABEL.sandboxId] ?? "");
      const isOnHostNetwork = sandbox.HostConfig.NetworkMode === "host";
      return { pid: State.Pid, cgroup: cgroupPaths(cgroup), isOnHostNetwork };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #forgetAllBut(ids: Set<string>): void {
    for (const id of this.#places.keys()) if (!ids.has(id)) this.#places.delete(id);
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    error instanceof NotFoundError || code === "ENOENT" || code === "ENODEV" || code === "ESRCH"
  );
}

async function readNetwork(pid: number): Promise<Network> {
  return parseNetwork(await readFile(`/proc/${pid}/net/dev`, "utf8"));
}

/** Sums the devices of /proc/PID/net/dev, the loopback device left out. */
export function parseNetwork(netDev: string): Network {
  const sum = { rxBytes: 0, txBytes: 0, rxErrors: 0, txErrors: 0 };
  for (const line of netDev.split("\n")) {
    const [, device, figures = ""] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (device === undefined || device === "lo") continue;
    const values = figures.trim().split(/\s+/).map(Number);
    sum.rxBytes += values[0] ?? 0;
    sum.rxErrors += values[2] ?? 0;
    sum.txBytes += values[8] ?? 0;
    sum.txErrors += values[10] ?? 0;
  }
  return sum;
}

async function askDaemon(
  connection: DockerConnection,
  id: string,
): Promise<{ usage: Usage; network: Network | undefined }> {
  const stats = await connection.ask((docker) => docker.getContainer(id).stats({ stream: false }));
  const memory: { usage?: number; stats?: Record<string, number> } = stats.memory_stats as object;
  const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  const usage: Usage = {
    cpuNanoseconds: stats.cpu_stats.cpu_usage.total_usage,
    memoryUsageBytes: memory.usage ?? 0,
    memoryWorkingSetBytes: Math.max(0, (memory.usage ?? 0) - inactive),
    memoryRssBytes: memory.stats?.total_rss ?? memory.stats?.anon ?? 0,
  };
  return { usage, network: undefined };
}

/**
 * Three hosts on one Linux machine: `up`, `down`, and what a hand at the rack can do: pull a cable, pull a plug.
 *
 * The rule: whatever is done to the machine is written down before (remains.ts), and nothing is done outside
 * of the lab's own namespaces and directory.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "../../component/clock.ts";
import { sleep } from "../../component/clock.ts";
import type { RunCommand } from "../../component/command.ts";
import { UsageError } from "../usage-error.ts";
import { type HostStatus, STATUS_FILE } from "./boot.ts";
import { HOSTS, type Host, LAN, namespaceOf } from "./host.ts";
import { firstProcessOf, killAll } from "./host-processes.ts";
import {
  connectHost,
  createSwitch,
  disconnectHost,
  isCut,
  removeNamespace,
  setCable,
} from "./lan.ts";
import { installHost, switchOn } from "./power.ts";
import { beginRecord, isRecorded, recordNamespace, removeRemains } from "./remains.ts";

export interface LabOptions {
  /** Everything the hosts have on disk. */
  directory: string;
  run: RunCommand;
  clock: Clock;
  /** Tells the person at the terminal. */
  say(line: string): void;
}

export interface HostReport {
  host: Host;
  state: "up" | "off" | "missing";
  isCut: boolean;
  units: HostStatus;
}

const LOOK_AGAIN_MS = 100;

export class Lab {
  readonly #options: LabOptions;

  constructor(options: LabOptions) {
    this.#options = options;
  }

  /** Resolves when every unit of every host is at work and both nodes are Ready. */
  async up(timeoutMs: number): Promise<void> {
    const { directory, run, clock, say } = this.#options;
    const deadline = clock.monotonicMs() + timeoutMs;
    beginRecord(directory);
    recordNamespace(directory, LAN);
    await createSwitch(run);
    for (const host of HOSTS) {
      recordNamespace(directory, host.name);
      await installHost(directory, host, run);
      await connectHost(run, host);
      switchOn(directory, host);
      say(`${host.name} ${host.address} is switched on`);
    }
    await this.#until("docker and registry on the master", deadline, () =>
      areActive(this.#unitsOf("k8s-master"), ["docker.service", "registry.service"]),
    );
    const { fillRegistry } = await import("./lab-images.ts");
    await fillRegistry(`/proc/${firstProcessOf("k8s-master")}/root`);
    say("registry:5000 has pause, busybox and nginx");
    await this.#until("all units", deadline, async () =>
      HOSTS.every(({ name }) => areActive(this.#unitsOf(name))),
    );
    await this.#until("Ready nodes", deadline, () => this.#areNodesReady());
  }

  async down(): Promise<void> {
    const { directory, run, clock } = this.#options;
    if (isRecorded(directory)) await removeRemains(directory, run, clock);
  }

  async report(): Promise<HostReport[]> {
    const { run } = this.#options;
    return Promise.all(
      HOSTS.map(async (host) => {
        const isThere = existsSync(namespaceOf(host.name));
        const isOn = isThere && firstProcessOf(host.name) !== undefined;
        return {
          host,
          state: isOn ? ("up" as const) : isThere ? ("off" as const) : ("missing" as const),
          isCut: isThere && (await isCut(run, host.name)),
          units: isOn ? this.#unitsOf(host.name) : {},
        };
      }),
    );
  }

  async cut(host: Host): Promise<void> {
    await setCable(this.#options.run, this.#existing(host), "down");
  }

  async heal(host: Host): Promise<void> {
    await setCable(this.#options.run, this.#existing(host), "up");
  }

  /** As if its plug were pulled: what is on its disk stays, and nothing else. */
  async stop(host: Host): Promise<void> {
    const { run, clock } = this.#options;
    await killAll(this.#existing(host), clock);
    await disconnectHost(run, host.name);
    await removeNamespace(run, host.name);
  }

  async start(host: Host): Promise<void> {
    const { directory, run } = this.#options;
    if (!isRecorded(directory)) throw new UsageError("there are no hosts: kubeling hosts up");
    if (existsSync(namespaceOf(host.name))) throw new UsageError(`${host.name} is on`);
    await connectHost(run, host);
    switchOn(directory, host);
  }

  /** A program and its first arguments, that runs what follows them on the host. */
  within(host: Host): string[] {
    const first = firstProcessOf(host.name);
    if (first === undefined) throw new UsageError(`${host.name} is not on: kubeling hosts up`);
    return ["nsenter", `--target=${first}`, "--net", "--mount", "--uts", "--ipc", "--pid", "--"];
  }

  #existing({ name }: Host): string {
    if (!existsSync(namespaceOf(name))) throw new UsageError(`${name} is not there`);
    return name;
  }

  #unitsOf(name: string): HostStatus {
    const path = `/proc/${firstProcessOf(name)}/root${STATUS_FILE}`;
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  }

  async #areNodesReady(): Promise<boolean> {
    const [master, ...nodes] = HOSTS;
    const [program = "", ...args] = this.within(master!);
    const url = `http://${master!.address}:8080/api/v1/nodes`;
    const { stdout } = await this.#options.run(program, [...args, "busybox", "wget", "-qO-", url]);
    const { items }: NodeList = JSON.parse(stdout);
    const ready = items.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    return nodes.every(({ name }) => ready.some(({ metadata }) => metadata.name === name));
  }

  async #until(what: string, deadline: number, isSo: () => boolean | Promise<boolean>) {
    const { clock, directory } = this.#options;
    while (!(await isSo())) {
      if (clock.monotonicMs() > deadline) {
        throw new UsageError(`waited too long for ${what}: see the logs below ${directory}`);
      }
      await sleep(clock, LOOK_AGAIN_MS);
    }
  }
}

interface NodeList {
  items: {
    metadata: { name: string };
    status: { conditions?: { type: string; status: string }[] };
  }[];
}

/** All of them, where none is named. */
function areActive(units: HostStatus, names = Object.keys(units)): boolean {
  return names.length > 0 && names.every((name) => units[name]?.state === "active");
}

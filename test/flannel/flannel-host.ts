/** A flanneld on a host of the lab: its `ip` works in the host's namespace, its etcd is the test's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/component/clock.ts";
import { EtcdConnection } from "../../src/component/etcd/etcd-connection.ts";
import { createLog, type Log } from "../../src/component/log.ts";
import { systemRandom } from "../../src/component/random.ts";
import { type HostOptions, type HostOutcome, joinNetwork } from "../../src/flannel/host.ts";
import { findExternalInterface } from "../../src/flannel/interface.ts";
import type { Lease } from "../../src/flannel/lease.ts";
import { LeaseStore } from "../../src/flannel/lease-store.ts";
import { formatSubnet } from "../../src/flannel/subnet.ts";
import type { LabHost } from "./network-lab.ts";

export interface FlannelHost {
  lease: Lease;
  /** "10.5.34.0/24" */
  subnet: string;
  subnetFile: string;
  /** What it has logged. */
  logged(): string;
  ended: Promise<HostOutcome>;
  stop(): Promise<void>;
}

export interface FlannelHostOptions {
  endpoints: readonly string[];
  prefix: string;
  clock?: Clock;
  more?: Partial<HostOptions>;
}

/** Resolves when it is ready. */
export async function startFlannel(
  host: LabHost,
  { endpoints, prefix, clock = systemClock, more = {} }: FlannelHostOptions,
): Promise<FlannelHost> {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-flannel-"));
  const { log, logged } = recordedLog(clock);
  const connection = new EtcdConnection(endpoints);
  const life = new AbortController();
  const choice = { iface: [], ifaceRegex: [], canReach: "", publicIp: "" };
  const external = await findExternalInterface(choice, host.run, log);
  const subnetFile = more.subnetFile ?? join(directory, "subnet.env");
  const end = () => {
    connection.close();
    rmSync(directory, { recursive: true, force: true });
  };
  let ended!: Promise<HostOutcome>;
  const ready = new Promise<Lease>((resolve, reject) => {
    ended = joinNetwork({
      store: new LeaseStore({ connection, prefix, clock, log }),
      external,
      subnetFile,
      renewMarginMs: 3_600_000,
      ipMasq: false,
      forwardRules: false,
      rulesPeriodMs: 5_000,
      run: host.run,
      clock,
      random: systemRandom,
      log,
      signal: life.signal,
      onReady: resolve,
      ...more,
    }).finally(end);
    ended.then((how) => reject(new Error(`${how} before it was ready:\n${logged()}`)), reject);
  });
  const lease = await ready;
  return {
    lease,
    subnet: formatSubnet(lease.subnet),
    subnetFile,
    logged,
    ended,
    async stop() {
      life.abort();
      await ended;
    },
  };
}

export function recordedLog(clock: Clock): { log: Log; logged(): string } {
  let text = "";
  const write = (line: string) => {
    text += line;
  };
  return { log: createLog("flanneld", { clock, verbosity: 0, write }), logged: () => text };
}

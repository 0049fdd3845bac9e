/**
 * flanneld, the daemon: gives this host a subnet of its own for pods, and the way to those of others.
 *
 * In Kubernetes: github.com/flannel-io/flannel/main.go.
 * Differs: leases in etcd v3 only; a daemon whose lease is lost ends with 1, so that
 * Restart=on-failure starts it again.
 */
import { CommandError, commandRunner } from "../component/command.ts";
import { type Daemon, type DaemonContext, StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import { type HealthServer, startHealthServer } from "../component/health-server.ts";
import { connectToEtcd } from "./etcd-access.ts";
import { flanneldFlags } from "./flags.ts";
import { type HostOutcome, joinNetwork } from "./host.ts";
import { findExternalInterface } from "./interface.ts";
import { LeaseStore } from "./lease-store.ts";
import { formatSubnet } from "./subnet.ts";

type FlanneldFlags = Flags<typeof flanneldFlags>;

const MARGIN_MAX_MINUTES = 24 * 60 - 1;

/** The flannel whose formats and words these are. */
const FLANNEL_VERSION = "v0.20.2";

export const flanneld: Daemon<typeof flanneldFlags> = {
  name: "flanneld",
  version: FLANNEL_VERSION,
  about:
    "flanneld gives each host a subnet for its pods, kept as a lease in etcd, and makes the way " +
    "to the subnets of all others.\nEvery flag can be given as a variable too: FLANNELD_ETCD_PREFIX " +
    "for --etcd-prefix.",
  flags: flanneldFlags,
  async run(daemon) {
    const { flags } = daemon;
    refuseWrong(flags);
    const connection = connectToEtcd(flags);
    let isReady = false;
    const health = await serveHealth(daemon, () => isReady);
    try {
      const outcome = await join(daemon, connection, () => {
        isReady = true;
        daemon.ready();
      });
      if (outcome === "revoked") throw new StartError("the lease of this host has been revoked");
    } catch (error) {
      // `ip` says best what is wrong: not root, no vxlan in this kernel, no such program.
      throw error instanceof CommandError ? new StartError(error.message) : error;
    } finally {
      await health?.stop();
      connection.close();
    }
  },
};

async function join(
  { flags, clock, random, log, signal }: DaemonContext<typeof flanneldFlags>,
  connection: ReturnType<typeof connectToEtcd>,
  onReady: () => void,
): Promise<HostOutcome> {
  const run = commandRunner();
  const choice = {
    iface: flags.iface,
    ifaceRegex: flags["iface-regex"],
    canReach: flags["iface-can-reach"],
    publicIp: flags["public-ip"],
  };
  const external = await findExternalInterface(choice, run, log);
  const prefix = flags["etcd-prefix"].replace(/\/+$/, "");
  return joinNetwork({
    store: new LeaseStore({ connection, prefix, clock, log }),
    external,
    subnetFile: flags["subnet-file"],
    renewMarginMs: flags["subnet-lease-renew-margin"] * 60_000,
    ipMasq: flags["ip-masq"],
    forwardRules: flags["iptables-forward-rules"],
    rulesPeriodMs: flags["iptables-resync"] * 1_000,
    run,
    clock,
    random,
    log,
    signal,
    onReady: ({ subnet }) => {
      log.info(`This host's subnet is ${formatSubnet(subnet)}`);
      onReady();
    },
  });
}

function refuseWrong(flags: FlanneldFlags): void {
  const margin = flags["subnet-lease-renew-margin"];
  if (margin < 1 || margin > MARGIN_MAX_MINUTES) {
    throw new StartError("Invalid subnet-lease-renew-margin option, out of acceptable range");
  }
  if (flags["iptables-resync"] < 1) {
    throw new StartError("Invalid iptables-resync option, must be at least 1 second");
  }
  if (flags["kube-subnet-mgr"]) {
    throw new StartError("--kube-subnet-mgr is not built: leases are kept in etcd");
  }
}

/** --healthz-port=0 serves nothing. */
async function serveHealth(
  { flags, log }: DaemonContext<typeof flanneldFlags>,
  isReady: () => boolean,
): Promise<HealthServer | undefined> {
  const address = flags["healthz-ip"];
  const port = flags["healthz-port"];
  if (port === 0) return undefined;
  const check = () => {
    if (!isReady()) throw new Error("this host has no subnet yet");
  };
  // The password is nobody's business.
  const { "etcd-password": _secret, ...shown } = flags;
  const checks = [{ name: "subnet", check }];
  try {
    const server = await startHealthServer({ address, port, checks, config: shown, flags: shown });
    log.info(`Start healthz server on ${server.url}`);
    return server;
  } catch (error) {
    throw new StartError(`Start healthz server error: ${(error as Error).message}`);
  }
}

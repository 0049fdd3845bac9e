/**
 * A Docker for one test file: its own daemon, with directories, mounts, cgroup and (unless the test
 * has to reach its pods from outside) a network namespace of its own, so that neither the machine's
 * Docker nor its firewall rules are touched. It ends with the test process, however that ends.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { makeImages } from "../../scripts/make-images.ts";
import {
  bridgeOf,
  cgroupOf,
  OWNER,
  PREFIX,
  removeRemains,
  sweepRemains,
} from "./docker-remains.ts";

const START_ATTEMPTS = 600;

export interface TestDocker {
  /** As the kubelet's --docker-endpoint takes it. */
  endpoint: string;
  docker: Docker;
  /** An empty directory, removed with the daemon. */
  directory: string;
  /** Of the daemon, whose network namespace is the host network of its containers. */
  pid: number;
  stop(): Promise<void>;
}

export interface TestDockerOptions {
  /** The images of scripts/make-images.ts. */
  images?: boolean;
  /** Pods have addresses that this process can connect to (and no firewall rules). */
  isReachable?: boolean;
}

export async function startDocker({
  images = true,
  isReachable = false,
}: TestDockerOptions = {}): Promise<TestDocker> {
  sweepRemains();
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(directory, OWNER), String(process.pid));
  const socketPath = join(directory, "docker.sock");
  const network = isReachable ? addBridge(bridgeOf(directory)) : ["--bip=172.31.254.1/24"];
  mkdirSync(join(directory, "work"));
  const daemon = spawnDaemon(directory, socketPath, [
    `--cgroup-parent=${cgroupOf(directory)}`,
    ...network,
  ]);
  const docker = new Docker({ socketPath });
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      await removeContainers(docker);
      daemon.kill("SIGTERM");
      await once(daemon, "exit");
    }
    removeRemains(directory);
  };
  try {
    await untilReady(docker, daemon, directory);
    if (images) await makeImages(docker);
  } catch (error) {
    await stop();
    throw error;
  }
  const endpoint = `unix://${socketPath}`;
  return { endpoint, docker, directory: join(directory, "work"), pid: daemon.pid!, stop };
}

/** The daemon sees what is mounted here, but what it mounts goes with it. */
const MOUNTS = ["--mount", "--propagation", "slave"];

/**
 * unshare gives it a network of its own (with a loopback device, which the host network of its
 * containers needs); setpriv ends it when the test process dies without stopping it.
 */
function spawnDaemon(directory: string, socketPath: string, own: string[]): ChildProcess {
  const isReachable = own.includes("--iptables=false");
  const options = [
    ...own,
    `--host=unix://${socketPath}`,
    `--data-root=${directory}/data`,
    `--exec-root=${directory}/run`,
    `--pidfile=${directory}/docker.pid`,
    "--shutdown-timeout=5",
    "--log-level=warn",
    "--insecure-registry=127.0.0.0/8",
  ];
  const unshare = ["unshare", ...MOUNTS, ...(isReachable ? [] : ["--net"])];
  const script = 'busybox ifconfig lo 127.0.0.1 up && exec dockerd "$@"';
  const command = ["--pdeathsig", "TERM", ...unshare, "sh", "-c", script, "dockerd"];
  const daemon = spawn("setpriv", [...command, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(join(directory, "docker.log"));
  daemon.stdout!.pipe(log, { end: false });
  daemon.stderr!.pipe(log, { end: false });
  return daemon;
}

/** A bridge in this machine's own network, with a range of addresses that nobody has. */
function addBridge(name: string): string[] {
  const taken = readFileSync("/proc/net/fib_trie", "utf8");
  // Test files run side by side: each begins its search elsewhere.
  const candidates = Array.from({ length: 254 }, (_, i) => (process.pid + i) % 254);
  const third = candidates.find((i) => !taken.includes(`172.31.${i}.`));
  const busybox = (...args: string[]) => execFileSync("busybox", args);
  busybox("brctl", "addbr", name);
  busybox("ifconfig", name, `172.31.${third}.1`, "netmask", "255.255.255.0", "up");
  const no = ["iptables", "ip6tables", "ip-forward", "ip-masq"].map((flag) => `--${flag}=false`);
  return [`--bridge=${name}`, ...no];
}

async function untilReady(docker: Docker, daemon: ChildProcess, directory: string) {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const isUp = await docker.ping().then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (daemon.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`dockerd did not start:\n${readFileSync(join(directory, "docker.log"), "utf8")}`);
}

async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(
    containers.map(({ Id }) =>
      docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error; // It has gone by itself.
        }),
    ),
  );
}

/** A real etcd for tests: one member, free ports, a directory of its own that goes with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

export interface TestEtcd {
  endpoints: string[];
  /** The client's port on 127.0.0.1. */
  port: number;
  directory: string;
  /** Ends it with SIGKILL; its data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const READY = /ready to serve client requests|serving client traffic (in)?securely/;

/** Paths of PEM files: clients must then show a certificate of the same authority. */
export interface TestEtcdTls {
  ca: string;
  certificate: string;
  key: string;
}

export async function startEtcd(tls?: TestEtcdTls): Promise<TestEtcd> {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-etcd-"));
  const [port, peerPort] = await Promise.all([freePort(), freePort()]);
  let child = await run({ directory, port, peerPort, tls });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    endpoints: [clientUrlOf(port, tls)],
    port: port,
    directory,
    kill,
    async restart() {
      await kill();
      child = await run({ directory, port, peerPort, tls });
    },
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Settings {
  directory: string;
  port: number;
  peerPort: number;
  tls: TestEtcdTls | undefined;
}

function clientUrlOf(port: number, tls: TestEtcdTls | undefined): string {
  return `${tls ? "https" : "http"}://127.0.0.1:${port}`;
}

function tlsFlags(tls: TestEtcdTls | undefined): string[] {
  if (tls === undefined) return [];
  return [
    `--cert-file=${tls.certificate}`,
    `--key-file=${tls.key}`,
    `--trusted-ca-file=${tls.ca}`,
    "--client-cert-auth",
  ];
}

/** Resolves when it serves clients; rejects with what it said when it ends instead. */
async function run({ directory, port, peerPort, tls }: Settings): Promise<ChildProcess> {
  const clientUrl = clientUrlOf(port, tls);
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const child = spawn("etcd", [
    `--data-dir=${directory}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    // The directory does not outlive the test, so nothing need reach the disk.
    "--unsafe-no-fsync",
    ...tlsFlags(tls),
    "--logger=zap",
  ]);
  process.once("exit", () => child.kill("SIGKILL"));
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < 100_000) said += text;
      if (READY.test(said)) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`etcd ended with ${code}:\n${said}`)));
  });
  return child;
}

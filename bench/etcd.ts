/** A real etcd of one member that syncs every write to the disk, as in production. */
import { execFileSync } from "node:child_process";
import { freePort } from "../test/support/free-port.ts";
import { Child } from "./child.ts";

export interface Etcd {
  endpoint: string;
  stop(): Promise<void>;
}

const READY = /ready to serve client requests|serving client traffic/;

export function hasEtcd(): boolean {
  try {
    execFileSync("etcd", ["--version"]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}

export async function startEtcd(directory: string): Promise<Etcd> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const child = new Child("etcd", [
    `--data-dir=${directory}`,
    `--listen-client-urls=${endpoint}`,
    `--advertise-client-urls=${endpoint}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--logger=zap",
    "--log-level=info",
  ]);
  await child.says(READY);
  return { endpoint, stop: () => child.stop() };
}

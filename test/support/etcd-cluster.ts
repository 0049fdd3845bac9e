/** An etcd cluster of three members, each a process that can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

export interface TestEtcdCluster {
  endpoints: string[];
  /** The member that leads the others. */
  leader(): Promise<number>;
  /** Ends a member with SIGKILL. */
  kill(member: number): Promise<void>;
  stop(): Promise<void>;
}

const MEMBERS = [0, 1, 2];

/** Its data is below `directory`, which is the caller's to remove. */
export async function startEtcdCluster(directory: string): Promise<TestEtcdCluster> {
  const ports: number[] = [];
  for (let i = 0; i < 2 * MEMBERS.length; i++) ports.push(await freePort());
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const endpoints = urls.slice(0, MEMBERS.length);
  const peers = urls.slice(MEMBERS.length);
  const members = MEMBERS.map((i) => startMember(directory, i, endpoints, peers));
  const kill = async (i: number) => {
    const member = members[i]!;
    if (member.exitCode !== null || member.signalCode !== null) return;
    member.kill("SIGKILL");
    await once(member, "exit");
  };
  const leader = async () => {
    for (const [i, endpoint] of endpoints.entries()) {
      const response = await fetch(`${endpoint}/v3/maintenance/status`, {
        method: "POST",
        body: "{}",
      });
      const status = (await response.json()) as { leader: string; header: { member_id: string } };
      if (status.leader === status.header.member_id) return i;
    }
    throw new Error("no member leads");
  };
  return { endpoints, leader, kill, stop: async () => void (await Promise.all(MEMBERS.map(kill))) };
}

function startMember(
  directory: string,
  i: number,
  clients: string[],
  peers: string[],
): ChildProcess {
  const cluster = peers.map((peer, n) => `m${n}=${peer}`).join(",");
  const member = spawn(
    "etcd",
    [
      ...[`--name=m${i}`, `--data-dir=${join(directory, `m${i}`)}`, "--logger=zap"],
      ...[`--listen-client-urls=${clients[i]}`, `--advertise-client-urls=${clients[i]}`],
      ...[`--listen-peer-urls=${peers[i]}`, `--initial-advertise-peer-urls=${peers[i]}`],
      ...[`--initial-cluster=${cluster}`, "--initial-cluster-state=new", "--unsafe-no-fsync"],
    ],
    { stdio: "ignore" },
  );
  process.once("exit", () => member.kill("SIGKILL"));
  return member;
}

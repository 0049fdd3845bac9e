/** Two API servers on an etcd cluster of three members, as processes, some of which are killed at work. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { ApiError } from "../../src/api/errors.ts";
import { Service } from "../../src/api/service.ts";
import { Client } from "../../src/client/client.ts";
import { createInformers } from "../../src/client/informer.ts";
import { connect } from "../../src/client/kubeconfig.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { type CommandProcess, startCommand } from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";

describeWith(["etcd"], "several API servers on one etcd cluster", () => {
  let directory: string;
  let endpoints: string[];
  let servers: CommandProcess[];
  let clients: Client[];
  const members: ChildProcess[] = [];
  const lifetime = new AbortController();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-several-"));
    const ports: number[] = [];
    for (let i = 0; i < 8; i++) ports.push(await freePort());
    endpoints = ports.slice(0, 3).map((port) => `http://127.0.0.1:${port}`);
    const peers = ports.slice(3, 6).map((port) => `http://127.0.0.1:${port}`);
    for (const i of [0, 1, 2]) members.push(startMember(directory, i, endpoints, peers));
    servers = ports
      .slice(6)
      .map((port) =>
        startCommand("kube-apiserver", [
          ...["--insecure-bind-address=127.0.0.1", `--port=${port}`, "--secure-port=0"],
          `--etcd-servers=${endpoints.join(",")}`,
        ]),
      );
    clients = ports.slice(6).map((port) => {
      const connection = connect({ master: `http://127.0.0.1:${port}`, userAgent: "test" });
      return new Client(connection.transport);
    });
    await Promise.all(servers.map((server) => server.prints("Serving insecurely")));
  }, 60_000);
  afterAll(async () => {
    lifetime.abort();
    await Promise.all((servers ?? []).map((server) => server.kill()));
    for (const member of members) member.kill("SIGKILL");
    await Promise.all(
      members.map((member) => member.exitCode ?? member.signalCode ?? once(member, "exit")),
    );
    rmSync(directory, { recursive: true, force: true });
  });

  const create = (client: Client, name: string) =>
    client.create(ConfigMap, "default", { metadata: { name }, data: { name } });

  test("what is written through one is read through the other", async () => {
    const [one, other] = clients as [Client, Client];
    for (let i = 0; i < 20; i++) {
      const { metadata } = await create(one, `read-${i}`);
      const { resourceVersion } = (await other.get(ConfigMap, "default", `read-${i}`)).metadata;
      expect(resourceVersion).toBe(metadata.resourceVersion);
    }
    const names = async (options = {}) =>
      (await other.list(ConfigMap, { namespace: "default", ...options })).items.map(
        ({ metadata }) => metadata.name,
      );
    expect(await names()).toContain("read-19");
    await eventually(async () =>
      expect(await names({ resourceVersion: "0" })).toContain("read-19"),
    );
  });

  test("no two services have one address", async () => {
    const make = (name: string, i: number) =>
      clients[i % 2]!.create(Service, "default", {
        metadata: { name },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      });
    const made = await Promise.all(Array.from({ length: 40 }, (_, i) => make(`svc-${i}`, i)));
    expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(40);
    expect(new Set(made.map(({ spec }) => spec.ports![0]!.nodePort)).size).toBe(40);
  });

  test("with one of them and a member of etcd killed, nothing that was acknowledged is lost", async () => {
    const seen = clients.map(watchNames);
    const acknowledged: string[] = [];
    let isOver = false;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let i = 0; !isOver; i++) {
        const name = `load-${writer}-${i}`;
        if (await isWritten(name, writer)) acknowledged.push(name);
      }
    });
    const more = async (count: number) => {
      const enough = acknowledged.length + count;
      await eventually(() => expect(acknowledged.length).toBeGreaterThan(enough));
    };
    await more(40);
    await servers[0]!.kill();
    await more(40);
    members[1]!.kill("SIGKILL");
    await more(40);
    isOver = true;
    await Promise.all(writers);

    const { items } = await clients[1]!.list(ConfigMap, { namespace: "default" });
    const stored = new Set(items.map(({ metadata }) => metadata.name));
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
    await eventually(() => {
      expect(acknowledged.filter((name) => !seen[1]!.has(name))).toEqual([]);
    });
  }, 120_000);

  /** Through its own server, and through the other where that one is gone. */
  async function isWritten(name: string, writer: number): Promise<boolean> {
    for (const client of [clients[writer % 2]!, clients[(writer + 1) % 2]!]) {
      try {
        await create(client, name);
        return true;
      } catch (error) {
        // Nobody is there (no answer), or etcd has no leader for a moment.
        const isOurs = error instanceof ApiError && error.status.code < 500;
        if (isOurs && error.status.code !== 409) throw error;
      }
    }
    return false;
  }

  /** The names of all config maps that a watch has told of. */
  function watchNames(client: Client): Set<string> {
    const context = { clock: systemClock, random: seededRandom(1), log: silentLog };
    const informers = createInformers({ ...context, client, signal: lifetime.signal });
    const names = new Set<string>();
    informers.of(ConfigMap, { namespace: "default" }).onChange((now) => {
      if (now !== undefined) names.add(now.metadata.name);
    });
    return names;
  }
});

function startMember(directory: string, i: number, clients: string[], peers: string[]) {
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

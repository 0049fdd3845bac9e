/** Three API servers on an etcd cluster of three members, as processes, one of each of which is killed at work. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { ApiError } from "../../src/api/errors.ts";
import { Role } from "../../src/api/rbac/role.ts";
import { RoleBinding } from "../../src/api/rbac/role-binding.ts";
import { Service } from "../../src/api/service.ts";
import { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/kubeconfig.ts";
import { startEtcdCluster, type TestEtcdCluster } from "../support/etcd-cluster.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { type CommandProcess, startCommand } from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";
import { TravellingWatch } from "../support/travelling-watch.ts";

const RBAC = "rbac.authorization.k8s.io";
const ADDRESSES = ["10.9.0.1", "10.9.0.2", "10.9.0.3"];
/** A lease lives 15 seconds, and is looked at every 10. */
const LEASE_LIMIT_MS = 150_000;

describeWith(["etcd"], "several API servers on one etcd cluster", () => {
  let directory: string;
  let etcd: TestEtcdCluster;
  let securePort: number;
  const ports: number[] = [];
  const servers: CommandProcess[] = [];
  const clients: Client[] = [];
  const lifetime = new AbortController();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-several-"));
    etcd = await startEtcdCluster(directory);
    securePort = await freePort();
    for (const i of ADDRESSES.keys()) {
      ports.push(await freePort());
      servers.push(startServer(i));
      clients.push(clientOf(i));
    }
    await Promise.all(servers.map((server) => server.prints("Serving securely")));
  });
  afterAll(async () => {
    lifetime.abort();
    await Promise.all(servers.map((server) => server.kill()));
    await etcd?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** All have the same secure port, as the Endpoints of their service will have it, on loopback addresses of their own. */
  function startServer(i: number): CommandProcess {
    return startCommand("kube-apiserver", [
      ...["--insecure-bind-address=127.0.0.1", `--port=${ports[i]}`],
      ...[`--bind-address=127.0.0.${i + 2}`, `--secure-port=${securePort}`],
      ...[`--advertise-address=${ADDRESSES[i]}`, `--cert-dir=${join(directory, `pki-${i}`)}`],
      ...["--authorization-mode=RBAC", `--etcd-servers=${etcd.endpoints.join(",")}`],
    ]);
  }

  function clientOf(i: number, headers: Record<string, string> = {}): Client {
    return new Client(connect({ master: `http://127.0.0.1:${ports[i]}` }).transport, headers);
  }

  const create = (client: Client, name: string) =>
    client.create(ConfigMap, "default", { metadata: { name }, data: { name } });
  const versionNow = async () => {
    const { metadata } = await clients[2]!.list(ConfigMap, { namespace: "default", limit: 1 });
    return metadata.resourceVersion;
  };
  const follow = (first: number, from: string, moveAfter?: number) =>
    new TravellingWatch({
      ...{ kind: ConfigMap, namespace: "default", clients, first, from },
      ...(moveAfter !== undefined && { moveAfter }),
      signal: lifetime.signal,
    });
  /** Each of `written` once, nothing twice, and all in their order. */
  const expectHistory = ({ versions, fault }: TravellingWatch, written: number[]) => {
    expect(fault).toBeUndefined();
    const seen = new Set(versions);
    expect(written.filter((version) => !seen.has(version))).toEqual([]);
    expect(versions).toEqual([...seen].toSorted((a, b) => a - b));
  };

  test("what is written through one is read through the others", async () => {
    for (let i = 0; i < 30; i++) {
      const { metadata } = await create(clients[i % 3]!, `read-${i}`);
      for (const other of [clients[(i + 1) % 3]!, clients[(i + 2) % 3]!]) {
        const { resourceVersion } = (await other.get(ConfigMap, "default", `read-${i}`)).metadata;
        expect(resourceVersion).toBe(metadata.resourceVersion);
      }
    }
    const names = async (client: Client, options = {}) =>
      (await client.list(ConfigMap, { namespace: "default", ...options })).items.map(
        ({ metadata }) => metadata.name,
      );
    expect(await names(clients[0]!)).toContain("read-29");
    for (const client of clients) {
      await eventually(async () =>
        expect(await names(client, { resourceVersion: "0" })).toContain("read-29"),
      );
    }
  });

  test("a watch goes on through another one without loss or duplicate", async () => {
    const from = await versionNow();
    const watches = [1, 7].map((moveAfter) => follow(0, from, moveAfter));
    const written: number[] = [];
    for (let i = 0; i < 60; i++) {
      const client = clients[i % 3]!;
      const { metadata } = await create(client, `resumed-${i % 20}-${Math.floor(i / 20)}`);
      written.push(Number(metadata.resourceVersion));
      if (i % 3 === 2) await client.delete(ConfigMap, "default", metadata.name);
    }
    for (const watch of watches) {
      // 60 were made, and 20 of them deleted.
      await eventually(() => expect(watch.versions.length).toBeGreaterThanOrEqual(80));
      expectHistory(watch, written);
      expect(watch.versions).toHaveLength(80);
    }
    expect(watches[0]!.legs).toBe(80);
    expect(watches[1]!.legs).toBeGreaterThanOrEqual(12);
    expect(watches[0]!.versions).toEqual(watches[1]!.versions);
  });

  test("no two services have one address or one node port", async () => {
    const make = (name: string, i: number) =>
      clients[i % 3]!.create(Service, "default", {
        metadata: { name },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      });
    const made = await Promise.all(Array.from({ length: 45 }, (_, i) => make(`svc-${i}`, i)));
    expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(45);
    expect(new Set(made.map(({ spec }) => spec.ports![0]!.nodePort)).size).toBe(45);
    const taken = { type: "NodePort", ports: [{ port: 80, nodePort: nodePortOf(made[0]!) }] };
    for (const client of clients) {
      const again = client.create(Service, "default", { metadata: { name: "again" }, spec: taken });
      await expect(again).rejects.toThrow("provided port is already allocated");
    }
  });

  test("what one is told that somebody may do, the others let them do, and no more once it is taken back", async () => {
    const janes = ADDRESSES.map((_, i) => clientOf(i, { "impersonate-user": "jane" }));
    const codes = () =>
      Promise.all(
        janes.map((jane) =>
          jane.list(ConfigMap, { namespace: "default" }).then(
            () => 200,
            (error: ApiError) => error.status.code,
          ),
        ),
      );
    expect(await codes()).toEqual([403, 403, 403]);
    const metadata = { name: "reader" };
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }];
    await clients[0]!.create(Role, "default", { metadata, rules });
    await clients[1]!.create(RoleBinding, "default", {
      metadata,
      roleRef: { apiGroup: RBAC, kind: "Role", name: "reader" },
      subjects: [{ kind: "User", apiGroup: RBAC, name: "jane" }],
    });
    await eventually(async () => expect(await codes()).toEqual([200, 200, 200]));
    await clients[2]!.delete(RoleBinding, "default", "reader");
    await eventually(async () => expect(await codes()).toEqual([403, 403, 403]));
  });

  test("the kubernetes service leads to all of them", async () => {
    for (const client of clients) {
      await eventually(async () => expect(await mastersBy(client)).toEqual(ADDRESSES));
    }
  });

  test("with one of them and a member of etcd killed, nothing that was acknowledged is lost", async () => {
    const from = await versionNow();
    const watches = [0, 1, 2].map((first) => follow(first, from));
    const acknowledged: { name: string; version: number }[] = [];
    let isOver = false;
    const writers = [0, 1, 2, 3, 4, 5].map(async (writer) => {
      for (let i = 0; !isOver; i++) {
        const name = `load-${writer}-${i}`;
        const version = await written(name, writer);
        if (version !== undefined) acknowledged.push({ name, version });
      }
    });
    const more = async (count: number) => {
      const enough = acknowledged.length + count;
      await eventually(() => expect(acknowledged.length).toBeGreaterThan(enough));
    };
    await more(60);
    await servers[0]!.kill();
    await more(60);
    await etcd.kill(await etcd.leader());
    await more(300);
    isOver = true;
    await Promise.all(writers);

    for (const client of clients.slice(1)) {
      const { items } = await client.list(ConfigMap, { namespace: "default" });
      const stored = new Map(items.map((one) => [one.metadata.name, one.metadata]));
      const lost = acknowledged.filter(
        ({ name, version }) => Number(stored.get(name)?.resourceVersion) !== version,
      );
      expect(lost).toEqual([]);
    }
    const versions = acknowledged.map(({ version }) => version);
    const last = Math.max(...versions);
    for (const watch of watches) {
      await eventually(() => expect(watch.versions.at(-1) ?? 0).toBeGreaterThanOrEqual(last));
      expectHistory(watch, versions);
    }
  }, 240_000);

  test("the address of the killed one goes once its lease is over, and returns with it", async () => {
    const living = ADDRESSES.slice(1);
    for (const client of clients.slice(1)) {
      await eventually(async () => expect(await mastersBy(client)).toEqual(living), LEASE_LIMIT_MS);
    }
    servers[0] = startServer(0);
    await servers[0].prints("Serving securely");
    await eventually(async () => expect(await mastersBy(clients[2]!)).toEqual(ADDRESSES));
    const { items } = await clients[0]!.list(ConfigMap, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.name)).toContain("load-0-0");
  }, 240_000);

  async function mastersBy(client: Client): Promise<string[]> {
    const { subsets = [] } = await client.get(Endpoints, "default", "kubernetes");
    expect(subsets[0]!.ports).toMatchObject([{ name: "https", port: securePort }]);
    return subsets[0]!.addresses!.map(({ ip }) => ip);
  }

  /** Through its own server, and through the next where that one is gone; the version it has been given. */
  async function written(name: string, writer: number): Promise<number | undefined> {
    for (const client of [0, 1, 2].map((i) => clients[(writer + i) % 3]!)) {
      try {
        return Number((await create(client, name)).metadata.resourceVersion);
      } catch (error) {
        // Nobody is there (no answer), or etcd has no leader for a moment, or the last try was written after all.
        const isOurs = error instanceof ApiError && error.status.code < 500;
        if (isOurs && error.status.code !== 409) throw error;
      }
    }
    return undefined;
  }
});

function nodePortOf({ spec }: Service): number {
  return spec.ports![0]!.nodePort!;
}

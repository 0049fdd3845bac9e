/**
 * kube-dns: queries a second and the slowest of a hundred answers, beside dnsmasq with the same names.
 *
 * Both servers are processes of their own, on loopback; ours has its names from an API server. The load
 * is dnsperf, which is in C: a client in Node would be the limit of either server.
 */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Service } from "../../src/api/service.ts";
import { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/kubeconfig.ts";
import { freePort } from "../../test/support/free-port.ts";
import type { Benchmark } from "../bench.ts";
import { Child } from "../child.ts";
import { missingOf } from "../machine.ts";
import { compare } from "../rounds.ts";
import { commandPath, startApiServerProcess } from "../servers.ts";

const SERVICES = 1_000;
const SECONDS = 3;
/** For the time an answer takes: a rate that either server has ease with. */
const CALM_QUERIES_PER_SECOND = 2_000;

interface Server {
  child: Child;
  port: number;
}

export const dns: Benchmark = {
  name: "dns",
  about: "answers a second, and the slowest of a hundred, of the names of 1,000 services",
  missing: () => missingOf("dnsmasq", "dnsperf"),
  async run({ directory, rounds }) {
    const home = join(directory, "dns");
    mkdirSync(join(home, "api"), { recursive: true });
    const api = await startApiServerProcess({ directory: join(home, "api") }, "plain");
    const children = [api.child];
    try {
      const addresses = await createServices(api.port);
      const queries = join(home, "queries");
      writeFileSync(queries, [...addresses.keys()].map((name) => `${name} A\n`).join(""));
      const ours = await startKubeDns(api.port);
      children.push(ours.child);
      const theirs = await startDnsmasq(home, addresses);
      children.push(theirs.child);
      return await compareServers(ours, theirs, queries, rounds);
    } finally {
      for (const child of children) await child.stop();
    }
  },
};

async function compareServers(ours: Server, theirs: Server, queries: string, rounds: number) {
  const note = `${SERVICES.toLocaleString("en")} names`;
  const name = "dnsmasq";
  return [
    await compare({
      ...{ name: "dns: answers", unit: "queries/s", rounds, note },
      measure: () => queriesPerSecond(ours, queries),
      baseline: { name, measure: () => queriesPerSecond(theirs, queries) },
    }),
    await compare({
      ...{ name: "dns: p99 of an answer", unit: "ms", rounds, isSmallerBetter: true },
      note: `at ${CALM_QUERIES_PER_SECOND.toLocaleString("en")} queries/s`,
      measure: () => p99Ms(ours, queries),
      baseline: { name, measure: () => p99Ms(theirs, queries) },
    }),
  ];
}

/** The names of the services with their addresses. */
async function createServices(port: number): Promise<Map<string, string>> {
  const connection = connect({ master: `http://127.0.0.1:${port}` });
  const client = new Client(connection.transport, connection.headers);
  const addresses = new Map<string, string>();
  for (let i = 0; i < SERVICES; i++) {
    const { metadata, spec } = await client.create(Service, "default", {
      metadata: { name: `web-${i}` },
      spec: { ports: [{ port: 80 }] },
    });
    addresses.set(`${metadata.name}.default.svc.cluster.local`, spec.clusterIP!);
  }
  connection.close();
  return addresses;
}

async function startKubeDns(apiPort: number): Promise<Server> {
  const port = await freePort();
  const child = new Child(process.execPath, [
    ...[commandPath("kube-dns"), `--kube-master-url=http://127.0.0.1:${apiPort}`],
    ...[`--dns-port=${port}`, "--healthz-port=0"],
  ]);
  await child.says(/Serving DNS/);
  return { child, port };
}

async function startDnsmasq(directory: string, addresses: Map<string, string>): Promise<Server> {
  const port = await freePort();
  const hosts = join(directory, "hosts");
  writeFileSync(hosts, [...addresses].map(([name, ip]) => `${ip} ${name}\n`).join(""));
  const child = new Child("dnsmasq", [
    ...["--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file="],
    ...["--user=root", "--no-resolv", "--no-hosts", `--addn-hosts=${hosts}`, "--local=/local/"],
    ...["--listen-address=127.0.0.1", "--bind-interfaces", `--port=${port}`],
  ]);
  await child.says(/read .*hosts - \d+ names/);
  return { child, port };
}

async function queriesPerSecond({ port }: Server, queries: string): Promise<number> {
  const said = await dnsperf(port, queries, "-l", `${SECONDS}`);
  const lost = Number(/Queries lost:\s+(\d+)/.exec(said)?.[1]);
  const rate = Number(/Queries per second:\s+([\d.]+)/.exec(said)?.[1]);
  if (!(rate > 0) || !/NOERROR \d+ \(100.00%\)/.test(said)) throw new Error(said);
  if (lost > 0) process.stderr.write(`${lost} queries were lost\n`);
  return rate;
}

async function p99Ms({ port }: Server, queries: string): Promise<number> {
  const rate = ["-Q", `${CALM_QUERIES_PER_SECOND}`];
  const said = await dnsperf(port, queries, "-v", ...rate, "-l", `${SECONDS}`);
  const seconds = [...said.matchAll(/^> NOERROR \S+ A ([\d.]+)$/gm)].map((match) =>
    Number(match[1]),
  );
  if (seconds.length === 0) throw new Error(said);
  const slowestFirst = seconds.toSorted((a, b) => b - a);
  return slowestFirst[Math.floor(seconds.length / 100)]! * 1_000;
}

async function dnsperf(port: number, queries: string, ...more: string[]): Promise<string> {
  const args = ["-s", "127.0.0.1", "-p", `${port}`, "-d", queries, "-c", "8", "-W", ...more];
  const { stdout } = await promisify(execFile)("dnsperf", args, { maxBuffer: 1 << 28 });
  return stdout;
}

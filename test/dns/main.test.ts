/** kube-dns as a daemon, against an API server over HTTP. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Service } from "../../src/api/service.ts";
import { kubeDns } from "../../src/dns/main.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type DaemonRun, runInProcess } from "../support/daemon-run.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { question, shown } from "./question.ts";
import { askUdp } from "./running-dns.ts";
import { a, type SmallUpstream, startSmallUpstream } from "./small-upstream.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let running: DaemonRun[];
let upstreams: SmallUpstream[];
let port: number;

beforeEach(async () => {
  [running, upstreams] = [[], []];
  server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "kube-system"));
  await eventually(() => server.client.get(Namespace, "", "default"));
  port = await freePort();
});
afterEach(async () => {
  await Promise.all(running.map((run) => run.stop()));
  await Promise.all(upstreams.map((upstream) => upstream.stop()));
  await server.stop();
});

function run(...args: string[]): DaemonRun {
  const daemon = runInProcess(kubeDns, args, running.length + 1);
  running.push(daemon);
  return daemon;
}

async function master(): Promise<string> {
  const { port: at } = await server.listen({ address: "127.0.0.1", port: 0 });
  return `--kube-master-url=http://127.0.0.1:${at}`;
}

async function upstream(ip: string): Promise<SmallUpstream> {
  const one = await startSmallUpstream(({ name }) => ({ answers: [a(name, ip, 0)] }));
  upstreams.push(one);
  return one;
}

const answers = async (name: string) => shown((await askUdp(port, question(name, "A"))).answers);

describe("kube-dns", () => {
  test("serves the cluster's names, says that it is well, and stops as asked", async () => {
    const healthz = await freePort();
    const dns = run(await master(), `--dns-port=${port}`, `--healthz-port=${healthz}`);
    await eventually(() => expect(dns.told).toEqual(["READY=1"]));
    const { spec } = await server.client.get(Service, "default", "kubernetes");
    expect(await answers("kubernetes.default.svc.cluster.local")).toEqual([`A ${spec.clusterIP}`]);
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${healthz}${path}`)).text();
    expect(await get("/healthz")).toBe("ok");
    expect(await get("/metrics")).toMatch(
      /^coredns_dns_requests_total\{proto="udp",type="A"\} 1$/m,
    );
    await dns.stop();
    expect(dns.exits).toEqual([0]);
  });

  test("serves another domain", async () => {
    const dns = run(
      ...[await master(), `--dns-port=${port}`, "--healthz-port=0", "--domain=Kube.Lab."],
    );
    await eventually(() => expect(dns.told).toEqual(["READY=1"]));
    expect(await answers("kubernetes.default.svc.kube.lab")).toHaveLength(1);
  });

  test("follows its ConfigMap, and goes back to its flags without it", async () => {
    const [byFlag, byMap] = [await upstream("192.0.2.1"), await upstream("192.0.2.2")];
    const dns = run(
      ...[await master(), `--dns-port=${port}`, "--healthz-port=0", "--config-map=kube-dns"],
      `--nameservers=${byFlag.address}`,
    );
    await eventually(() => expect(dns.told).toEqual(["READY=1"]));
    expect(await answers("example.com")).toEqual(["A 192.0.2.1"]);
    await server.client.create(ConfigMap, "kube-system", {
      metadata: { name: "kube-dns" },
      data: { stubDomains: `{"acme.local": ["${byMap.address}"]}` },
    });
    await eventually(async () => expect(await answers("a.acme.local")).toEqual(["A 192.0.2.2"]));
    expect(await answers("example.com")).toEqual(["A 192.0.2.1"]);

    const map = await server.client.get(ConfigMap, "kube-system", "kube-dns");
    await server.client.update(ConfigMap, { ...map, data: { stubDomains: "nonsense" } });
    await eventually(() => expect(dns.err).toMatch(/The config-map is not valid.*stubDomains/));
    expect(await answers("a.acme.local")).toEqual(["A 192.0.2.2"]);

    await server.client.delete(ConfigMap, "kube-system", "kube-dns");
    await eventually(async () => expect(await answers("a.acme.local")).toEqual(["A 192.0.2.1"]));
  });

  test("ends when there is no API server in time", async () => {
    const dns = run(
      ...[`--kube-master-url=http://127.0.0.1:${await freePort()}`, `--dns-port=${port}`],
      ...["--healthz-port=0", "--initial-sync-timeout=300ms"],
    );
    await eventually(() => expect(dns.exits).toEqual([1]));
    expect(dns.err).toMatch(/kube-dns: Timeout waiting for initialization\n$/);
  });

  test("says so when its port is taken", async () => {
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    await once(socket, "listening");
    const dns = run(await master(), `--dns-port=${port}`, "--healthz-port=0");
    await eventually(() => expect(dns.exits).toEqual([1]));
    expect(dns.err).toMatch(`failed to serve DNS on 127.0.0.1:${port}: bind EADDRINUSE`);
    socket.close();
  });

  test.each([
    ["--federations=a=b.com", "--federations is refused: there are no federations any more"],
    ["--domain=a..b", 'invalid argument "a..b" for "--domain"'],
    ["--pods=all", '--pods must be insecure or verified, not "all"'],
    ["--nameservers=x", '--nameservers, --stub-domains: not an IP address or IP:port: "x"'],
    ["--stub-domains=a", '--nameservers, --stub-domains: not an IP address or IP:port: ""'],
    ["--kubecfg-file=/nowhere", "ENOENT: no such file or directory, open '/nowhere'"],
  ])("refuses %s", async (flag, why) => {
    const dns = run(flag);
    await eventually(() => expect(dns.exits).toEqual([1]));
    expect(dns.err).toContain(`kube-dns: ${why}\n`);
  });
});

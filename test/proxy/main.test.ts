/** kube-proxy as a daemon, against an API server over HTTP, its rules in a namespace of its own. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Service } from "../../src/api/service.ts";
import type { RunCommand } from "../../src/component/command.ts";
import { kubeProxyWith } from "../../src/proxy/main.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type DaemonRun, runInProcess } from "../support/daemon-run.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { describeWith } from "../support/needs.ts";
import { aService, endpointsOf, PODS } from "./cases.ts";
import { TestNamespace } from "./test-namespace.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let namespace: TestNamespace;
let running: DaemonRun[];
let metrics: string;
let healthz: string;

function run(...args: string[]): DaemonRun {
  const inNamespace: RunCommand = (program, list, input) => namespace.run(program, list, input);
  const daemon = runInProcess(kubeProxyWith(inNamespace), ["--oom-score-adj=0", ...args]);
  running.push(daemon);
  return daemon;
}

async function runReady(...args: string[]): Promise<DaemonRun> {
  const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
  metrics = `127.0.0.1:${await freePort()}`;
  healthz = `127.0.0.1:${await freePort()}`;
  const daemon = run(
    ...[`--master=http://127.0.0.1:${port}`, "--hostname-override=node1"],
    ...[`--metrics-bind-address=${metrics}`, `--healthz-bind-address=${healthz}`],
    ...args,
  );
  await eventually(() => expect(daemon.told).toEqual(["READY=1"]));
  return daemon;
}

async function createWeb() {
  const { metadata, spec } = aService({});
  await server.client.create(Service, "default", { metadata, spec: { ...spec, clusterIP: "" } });
  await server.client.create(Endpoints, "default", endpointsOf({}));
  await server.client.create(EndpointSlice, "default", {
    metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints: Object.values(PODS).map((ip) => ({ addresses: [ip] })),
    ports: [{ name: "http", port: 8080 }],
  });
  return (await server.client.get(Service, "default", "web")).spec.clusterIP!;
}

describeWith(["root", "iptables"], "kube-proxy", () => {
  beforeEach(async () => {
    running = [];
    namespace = await TestNamespace.create();
    server = await startTestApiServer();
    await eventually(() => server.client.get(Namespace, "", "default"));
  });
  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await server.stop();
    await namespace.remove();
  });

  test("carries out services, serves its health, and leaves the rules when it stops", async () => {
    const daemon = await runReady();
    const ip = await createWeb();
    await eventually(async () => {
      expect(await namespace.save("nat")).toContain("-j DNAT --to-destination 172.16.1.2:8080");
    });
    expect(await namespace.save("nat")).toContain(`-A KUBE-SERVICES -d ${ip}/32 -p tcp`);

    expect(await text(`http://${metrics}/proxyMode`)).toBe("iptables");
    expect(await text(`http://${metrics}/healthz`)).toBe("ok");
    expect(await text(`http://${metrics}/metrics`)).toMatch(
      /kubeproxy_sync_proxy_rules_duration_seconds_count [1-9]/,
    );
    expect(await text(`http://${metrics}/configz`)).toContain('"hostname-override":"node1"');
    const health = await fetch(`http://${healthz}/healthz`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ nodeEligible: true });

    await daemon.stop();
    expect(daemon.exits).toEqual([0]);
    expect(await namespace.save("nat")).toContain("-j DNAT --to-destination 172.16.1.2:8080");
  });

  test("reads Endpoints where the gate of slices is closed", async () => {
    const daemon = await runReady("--feature-gates=EndpointSliceProxying=false", "--v=1");
    expect(daemon.err).toContain("Using Endpoints");
    await createWeb();
    await server.client.delete(EndpointSlice, "default", "web-1");
    const isThere = async () => expect(await namespace.save("nat")).toContain("172.16.1.4:8080");
    await eventually(isThere);
  });

  test("carries out a first change at once, however long the period between changes", async () => {
    await runReady("--iptables-min-sync-period=1h", "--iptables-sync-period=1h");
    await createWeb();
    const isThere = async () => expect(await namespace.save("nat")).toContain("172.16.1.4:8080");
    await eventually(isThere);
  });

  test("puts back what somebody has flushed, at the next look", async () => {
    await runReady("--iptables-sync-period=100ms", "--iptables-min-sync-period=10ms");
    await createWeb();
    await eventually(async () => expect(await namespace.save("nat")).toContain("172.16.1.2:8080"));
    const before = await namespace.rules();
    await namespace.run("iptables", ["-t", "nat", "-F"]);
    await namespace.run("iptables", ["-F", "FORWARD"]);
    await eventually(async () => expect(await namespace.rules()).toEqual(before));
  });

  test("takes the userspace proxy's rules away when it is started in iptables mode", async () => {
    const daemon = await runReady("--proxy-mode=userspace");
    expect(await text(`http://${metrics}/proxyMode`)).toBe("userspace");
    await createWeb();
    await eventually(async () => {
      expect(await namespace.save("nat")).toMatch(/KUBE-PORTALS-CONTAINER .*--to-ports \d+/);
    });
    await daemon.stop();
    await runReady();
    expect(await namespace.save("nat")).not.toContain("KUBE-PORTALS");
    expect(await namespace.save("filter")).not.toContain("KUBE-NODEPORT-NON-LOCAL");
  });

  test("takes all of its rules away with --cleanup, and no others", async () => {
    await namespace.run("iptables", ["-t", "nat", "-A", "PREROUTING", "-j", "ACCEPT"]);
    const daemon = await runReady();
    await createWeb();
    await eventually(async () => expect(await namespace.save("nat")).toContain("172.16.1.2:8080"));
    await daemon.stop();

    const cleaner = run("--cleanup-iptables");
    await eventually(() => expect(cleaner.exits).toEqual([0]));
    expect(cleaner.err).toContain("Flag --cleanup-iptables has been deprecated");
    // What a kubelet may have made as well is left, as Kubernetes leaves it.
    expect(await namespace.rules()).toEqual([
      "-A INPUT -j KUBE-FIREWALL",
      expect.stringContaining("-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8"),
      "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
      "-A OUTPUT -j KUBE-FIREWALL",
      "-A PREROUTING -j ACCEPT",
    ]);
  });

  test("serves everything on one port for an old unit file's --healthz-port=10249", async () => {
    const port = await freePort();
    const daemon = await runReady(
      `--healthz-port=${port}`,
      "--healthz-bind-address=127.0.0.1",
      `--metrics-bind-address=127.0.0.1:${port}`,
    );
    expect(daemon.err).toContain("Flag --healthz-port has been deprecated");
    expect(await text(`http://127.0.0.1:${port}/healthz`)).toBe("ok");
    expect(await text(`http://127.0.0.1:${port}/proxyMode`)).toBe("iptables");
  });

  test("stops at once while there is no API server to be reached", async () => {
    const daemon = run(
      "--master=http://127.0.0.1:1",
      "--metrics-bind-address=",
      "--healthz-port=0",
    );
    await eventually(() => expect(daemon.err).toContain("Using iptables Proxier"));
    await daemon.stop();
    expect(daemon.exits).toEqual([0]);
  });

  test.each([
    [["--foo"], "Error: unknown flag: --foo"],
    [
      ["--proxy-mode=ipvs"],
      'kube-proxy: --proxy-mode: Invalid value: "ipvs": must be iptables, userspace or blank ' +
        "(blank means the best-available proxy [currently iptables])",
    ],
    [
      ["--proxy-mode=userspace", "--bind-address=127.0.0.1"],
      "kube-proxy: cannot proxy on localhost",
    ],
    [
      ["--iptables-masquerade-bit=32"],
      "kube-proxy: --iptables-masquerade-bit: Invalid value: 32: must be within the range [0, 31]",
    ],
    [
      ["--iptables-sync-period=0s"],
      "kube-proxy: --iptables-sync-period: Invalid value: 0: must be greater than 0",
    ],
    [
      ["--cluster-cidr=172.16.0.0"],
      'kube-proxy: --cluster-cidr: Invalid value: "172.16.0.0": must be a valid CIDR block ' +
        "(e.g. 10.100.0.0/16)",
    ],
    [
      ["--proxy-port-range=70000"],
      'kube-proxy: --proxy-port-range: Invalid value: "70000": 70000 is not a valid port range',
    ],
    [["--kubeconfig=/nowhere"], "kube-proxy: ENOENT: no such file or directory"],
  ])("can't start with %j, says so and leaves with 1", async (args, sentence) => {
    const daemon = run("--master=http://127.0.0.1:1", ...args);
    await eventually(() => expect(daemon.exits).toEqual([1]));
    expect(daemon.err).toContain(sentence);
  });
});

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

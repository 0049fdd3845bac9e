/**
 * What a program in a pod sees: glibc's own resolver, with the resolv.conf that the kubelet gives a
 * pod of the namespace default (ClusterFirst), asks this server on port 53.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Namespace } from "../../src/api/namespace.ts";
import { Service } from "../../src/api/service.ts";
import { parseNameservers } from "../../src/dns/forward-config.ts";
import { eventually } from "../support/eventually.ts";
import { describeWith } from "../support/needs.ts";
import { startTestDns, type TestDns } from "./running-dns.ts";
import { a, type SmallUpstream, startSmallUpstream } from "./small-upstream.ts";

const NXDOMAIN = 3;
/** Of loopback, and nobody else's. */
const ADDRESS = "127.64.0.53";

describeWith(["root", "getent"], "a name in a pod", () => {
  let running: TestDns;
  let upstream: SmallUpstream;
  let directory: string;
  const ips = new Map<string, string>();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "dns-"));
    upstream = await startSmallUpstream(({ name, type }) => {
      if (name !== "www.example.com") return { rcode: NXDOMAIN };
      return { answers: type === "A" ? [a(name, "192.0.2.1")] : [] };
    });
    const forward = { upstreamNameservers: parseNameservers([upstream.address]) };
    running = await startTestDns({ address: ADDRESS, port: 53, forward });
    await running.client.create(Namespace, "", { metadata: { name: "prod" }, spec: {} });
    for (const [namespace, name] of [
      ["default", "web"],
      ["prod", "db"],
    ] as const) {
      const { spec } = await running.client.create(Service, namespace, {
        metadata: { name },
        spec: { ports: [{ port: 80 }] },
      });
      ips.set(name, spec.clusterIP!);
    }
    await eventually(() => expect(running.dns.zone.has("db.prod.svc.cluster.local")).toBe(true));
    const lines = [
      `nameserver ${ADDRESS}`,
      "search default.svc.cluster.local svc.cluster.local cluster.local lab.example.com",
      "options ndots:5",
      "",
    ];
    writeFileSync(join(directory, "resolv.conf"), lines.join("\n"));
    writeFileSync(join(directory, "nsswitch.conf"), "hosts: files dns\n");
  });
  afterAll(async () => {
    await running.stop();
    await upstream.stop();
    rmSync(directory, { recursive: true });
  });

  /** The address, as a program that runs under this resolv.conf finds it; "" where there is none. */
  async function resolve(name: string): Promise<string> {
    const script = [
      "mount --bind $0/resolv.conf /etc/resolv.conf",
      "mount --bind $0/nsswitch.conf /etc/nsswitch.conf",
      'getent ahostsv4 "$1" || test $? = 2',
    ].join(" && ");
    const { stdout } = await promisify(execFile)("unshare", [
      ...["--mount", "--", "sh", "-c", script, directory, name],
    ]);
    return stdout.split(/\s/)[0] ?? "";
  }

  test("of its own namespace needs no more than the service's name", async () => {
    expect(await resolve("web")).toBe(ips.get("web"));
  });

  test("of another namespace needs that too", async () => {
    expect(await resolve("db")).toBe("");
    expect(await resolve("db.prod")).toBe(ips.get("db"));
    expect(await resolve("db.prod.svc")).toBe(ips.get("db"));
  });

  test("may be written in full, with or without a dot at the end", async () => {
    expect(await resolve("web.default.svc.cluster.local")).toBe(ips.get("web"));
    expect(await resolve("web.default.svc.cluster.local.")).toBe(ips.get("web"));
    expect(await resolve("web.")).toBe("");
  });

  test("of the world outside is found last, after the search path", async () => {
    upstream.asked.length = 0;
    expect(await resolve("www.example.com")).toBe("192.0.2.1");
    // The cluster's own three are answered here; only the host's domain and the name itself go out.
    expect(upstream.asked.filter(({ type }) => type === "A").map(({ name }) => name)).toEqual([
      "www.example.com.lab.example.com",
      "www.example.com",
    ]);
  });
});

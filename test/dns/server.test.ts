/** Real queries over real sockets, to a DNS server beside a real API server. */
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createConnection } from "node:net";
import { promisify } from "node:util";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Service } from "../../src/api/service.ts";
import { eventually } from "../support/eventually.ts";
import { testWith } from "../support/needs.ts";
import { opt, question, shown } from "./question.ts";
import { askTcp, askUdp, rawUdp, startTestDns, type TestDns } from "./running-dns.ts";

let running: TestDns;
let clusterIP: string;
const registry = new Registry();
const WEB = "web.default.svc.cluster.local";
const MANY = "many.default.svc.cluster.local";

beforeAll(async () => {
  running = await startTestDns({ registry });
  const { client } = running;
  const http = { name: "http", port: 80 };
  const web = await client.create(Service, "default", {
    metadata: { name: "web" },
    spec: { ports: [http] },
  });
  clusterIP = web.spec.clusterIP!;
  await client.create(Service, "default", {
    metadata: { name: "many" },
    spec: { clusterIP: "None", ports: [http] },
  });
  await client.create(Endpoints, "default", {
    metadata: { name: "many" },
    subsets: [
      {
        addresses: Array.from({ length: 200 }, (_, i) => ({ ip: `10.1.0.${i}` })),
        ports: [{ name: "http", port: 8080 }],
      },
    ],
  });
  await eventually(() => expect(running.dns.zone.has(MANY)).toBe(true));
});
afterAll(() => running.stop());

describe("a client", () => {
  test("finds services by name, port and address", async () => {
    const { resolver } = running;
    expect(await resolver.resolve4(WEB)).toEqual([clusterIP]);
    expect(await resolver.resolveSrv(`_http._tcp.${WEB}`)).toEqual([
      { priority: 0, weight: 100, port: 80, name: WEB },
    ]);
    expect(await resolver.reverse(clusterIP)).toEqual([WEB]);
    expect(await resolver.resolveTxt("dns-version.cluster.local")).toEqual([["1.1.0"]]);
    await expect(resolver.resolve6(WEB)).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve4(`no-${WEB}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test("gets more than a datagram holds over TCP", async () => {
    expect((await running.resolver.resolve4(MANY)).length).toBe(200);
    const cut = await askUdp(running.port, question(MANY, "A"));
    expect(cut.flag_tc).toBe(true);
    const [whole] = await askTcp(running.port, question(MANY, "A"));
    expect([whole!.flag_tc, whole!.answers.length]).toEqual([false, 200]);
  });

  test("asks several questions on one connection", async () => {
    const names = [WEB, MANY, `no-${WEB}`];
    const replies = await askTcp(
      running.port,
      ...names.map((name, id) => question(name, "A", { id })),
    );
    const rcodes = replies.toSorted((a, b) => a.id! - b.id!).map(({ rcode }) => rcode);
    expect(rcodes).toEqual(["NOERROR", "NOERROR", "NXDOMAIN"]);
  });

  test.each([
    ["no EDNS", undefined, 512],
    ["512 bytes", 512, 512],
    ["less than the least", 100, 512],
    ["1000 bytes", 1_000, 1_000],
    ["more than any path takes", 65_535, 1_232],
  ])("that offers %s gets as much as fits", async (_, offered, limit) => {
    const additionals = offered === undefined ? [] : [opt(offered)];
    const bytes = await rawUdp(running.port, question(MANY, "A", { additionals }));
    expect(bytes.length).toBeLessThanOrEqual(limit);
    // An address takes 16 bytes: its name is a pointer to the question's.
    expect(bytes.length).toBeGreaterThan(limit - 16);
  });

  test("that speaks EDNS is answered in it, one that does not is not", async () => {
    const message = question(WEB, "A", { additionals: [opt(1_400)] });
    const { additionals } = await askUdp(running.port, message);
    expect(additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1_232, ednsVersion: 0 }]);
    expect((await askUdp(running.port, question(WEB, "A"))).additionals).toEqual([]);
  });

  test("that leaves in the middle of a question harms nobody", async () => {
    const socket = createConnection(running.port, "127.0.0.1");
    socket.end(Buffer.from([0, 100, 1, 2, 3]));
    socket.resume();
    await once(socket, "close");
    expect((await askTcp(running.port, question(WEB, "A")))[0]!.rcode).toBe("NOERROR");
  });

  testWith(["dig"], "may be dig", async () => {
    const dig = async (...args: string[]) => {
      const server = ["@127.0.0.1", "-p", String(running.port), "+tries=1", "+time=60"];
      const { stdout } = await promisify(execFile)("dig", [...server, ...args]);
      return stdout;
    };
    expect(await dig("+short", WEB)).toBe(`${clusterIP}\n`);
    expect(await dig("+short", "SRV", `_http._tcp.${WEB}`)).toBe(`0 100 80 ${WEB}.\n`);
    expect(await dig("+short", "-x", clusterIP)).toBe(`${WEB}.\n`);
    expect(await dig("+tcp", "+dnssec", `no-${WEB}`)).toMatch(/status: NXDOMAIN/);
    expect((await dig("+short", MANY)).trim().split("\n")).toHaveLength(200);
    expect(await dig("AXFR", "cluster.local")).toMatch(/Transfer failed/);
    expect(await dig("+noall", "+comments", "CH", "TXT", "version.bind")).toMatch(/REFUSED/);
    expect(await dig("+noall", "+comments", "+edns=1", "+noednsneg", WEB)).toMatch(/BADVERS/);
    expect(await dig("+noall", "+comments", "+opcode=UPDATE", WEB)).toMatch(/NOTIMP/);
  });
});

describe("garbage", () => {
  test("that is no query is not answered", async () => {
    const { socket, send } = openSocket();
    const answers: Buffer[] = [];
    socket.on("message", (answer) => answers.push(answer));
    const response = question(WEB, "A");
    response[2]! |= 0x80;
    for (const message of [Buffer.alloc(0), Buffer.from("hello"), Buffer.alloc(11), response]) {
      await send(message);
    }
    // What comes first is the answer to what was sent last: nothing else was answered.
    await send(question(WEB, "A", { id: 99 }));
    await eventually(() => expect(answers).not.toEqual([]));
    expect(answers.map((answer) => answer.readUInt16BE(0))).toEqual([99]);
    socket.close();
  });

  const one = question(WEB, "A");
  const name = { name: WEB, type: "A" } as const;
  const endless = Buffer.concat([one.subarray(0, 12), Buffer.from([63, 1, 2])]);
  const pointer = Buffer.concat([one.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  const long = Buffer.concat([
    one.subarray(0, 12),
    Buffer.from("\u0001a".repeat(130)),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  const lost = question(WEB, "A", { additionals: [opt(1_232)] }).subarray(0, -4);
  test.each([
    ["two questions", question(WEB, "A", { questions: [name, name] })],
    ["no question", question(WEB, "A", { questions: [] })],
    ["a name that has no end", endless],
    ["a name that points to itself", pointer],
    ["a name of more than 255 bytes", long],
    ["a question without a type", one.subarray(0, -4)],
    ["two OPT records", question(WEB, "A", { additionals: [opt(1_232), opt(1_232)] })],
    ["a record that has no end", lost],
  ])("is answered with FORMERR: %s", async (_, message) => {
    expect(await askUdp(running.port, message)).toMatchObject({ id: 4711, rcode: "FORMERR" });
  });

  test("never ends the server", async () => {
    const { socket, send } = openSocket();
    const sent: Promise<void>[] = [];
    const base = question(WEB, "SRV", { additionals: [opt(1_232)] });
    // Every byte in turn set to every eighth value.
    for (let at = 0; at < base.length; at++) {
      for (let value = 0; value < 256; value += 8) {
        const message = Buffer.from(base);
        message[at] = value + 7;
        sent.push(send(message));
      }
    }
    await Promise.all(sent);
    // A burst may fill the socket's buffer, and a datagram more be lost.
    expect(await eventually(() => running.resolver.resolve4(WEB))).toEqual([clusterIP]);
    socket.close();
  });
});

describe("metrics", () => {
  test("count questions, answers and names", async () => {
    const before = await counted("coredns_dns_responses_total", { rcode: "NXDOMAIN" });
    await askUdp(running.port, question(`no-${WEB}`, "A"));
    expect(await counted("coredns_dns_responses_total", { rcode: "NXDOMAIN" })).toBe(before + 1);
    expect(
      await counted("coredns_dns_requests_total", { proto: "udp", type: "A" }),
    ).toBeGreaterThan(0);
    expect(await counted("kubedns_names", {})).toBe(running.dns.zone.size);
  });
});

function openSocket() {
  const socket = createSocket("udp4");
  const send = promisify(
    (message: Buffer, done: (error: Error | null) => void) =>
      void socket.send(message, running.port, "127.0.0.1", done),
  );
  return { socket, send };
}

async function counted(name: string, labels: Record<string, string>): Promise<number> {
  const { values } = (await registry.getSingleMetric(name)!.get()) as {
    values: { labels: Record<string, unknown>; value: number }[];
  };
  const found = values.find((one) => Object.entries(labels).every(([k, v]) => one.labels[k] === v));
  return found?.value ?? 0;
}

describe("names and types in an answer", () => {
  test("are those that were asked", async () => {
    const [reply] = await askTcp(running.port, question("WEB.Default.svc.cluster.local", "A"));
    expect(reply!.questions).toMatchObject([{ name: "WEB.Default.svc.cluster.local", type: "A" }]);
    expect(shown(reply!.answers)).toEqual([`A ${clusterIP}`]);
  });
});

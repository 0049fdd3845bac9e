/** Names outside of the cluster, with real servers of a few lines as upstreams. */
import type { Answer } from "dns-packet";
import { afterEach, describe, expect, test } from "vitest";
import { Service } from "../../src/api/service.ts";
import {
  parseConfigData,
  parseNameservers,
  parseStubDomains,
  resolvConfNameservers,
  upstreamsByZone,
} from "../../src/dns/forward-config.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { opt, question, shown } from "./question.ts";
import { askTcp, askUdp, startTestDns, type TestDns } from "./running-dns.ts";
import { a, type Behaviour, type SmallUpstream, startSmallUpstream } from "./small-upstream.ts";

const SERVFAIL = 2;
const NXDOMAIN = 3;
const TRUNCATED = 0x0200;

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  stops = [];
});

async function upstream(behaviour: Behaviour): Promise<SmallUpstream> {
  const server = await startSmallUpstream(behaviour);
  stops.push(server.stop);
  return server;
}

const says =
  (ip: string): Behaviour =>
  ({ name }) => ({ answers: [a(name, ip)] });

async function dnsTo(nameservers: string[], stubDomains: string[] = []): Promise<TestDns> {
  const dns = await startTestDns({
    forward: {
      upstreamNameservers: parseNameservers(nameservers),
      stubDomains: parseStubDomains(stubDomains),
    },
  });
  stops.push(dns.stop);
  return dns;
}

describe("a name outside of the cluster", () => {
  test("is asked for upstream, once", async () => {
    const server = await upstream(says("192.0.2.1"));
    const { port } = await dnsTo([server.address]);
    const first = await askUdp(port, question("Example.COM", "A", { id: 1 }));
    const second = await askUdp(port, question("example.com", "A", { id: 2 }));
    expect(shown(first.answers)).toEqual(["A 192.0.2.1"]);
    expect(first).toMatchObject({ id: 1, flag_aa: false, flag_ra: true });
    expect(first.questions![0]!.name).toBe("Example.COM");
    expect(second).toMatchObject({ id: 2, answers: first.answers.map(({ type }) => ({ type })) });
    expect(second.questions![0]!.name).toBe("example.com");
    expect(server.asked).toMatchObject([{ name: "Example.COM", protocol: "udp" }]);
  });

  test("is asked for once while many wait for it", async () => {
    let answer: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await upstream(says("192.0.2.1"));
    const server = await upstream(({ name }) => ({ answers: [a(name, "192.0.2.2")] }));
    // The first server does not answer: whoever asks meanwhile waits for the same second one.
    slow.behave(() => void answer!());
    const { port } = await dnsTo([slow.address, server.address]);
    const first = askUdp(port, question("example.com", "A"));
    await held;
    const others = Array.from({ length: 20 }, () => askUdp(port, question("example.com", "A")));
    const replies = await Promise.all([first, ...others]);
    expect(new Set(replies.flatMap(({ answers }) => shown(answers)))).toEqual(
      new Set(["A 192.0.2.2"]),
    );
    expect([slow.asked.length, server.asked.length]).toEqual([1, 1]);
  });

  test("that does not exist there, does not exist", async () => {
    const server = await upstream(() => ({ rcode: NXDOMAIN }));
    const { port } = await dnsTo([server.address]);
    expect((await askUdp(port, question("nothing.com", "A"))).rcode).toBe("NXDOMAIN");
  });

  test("is asked for over TCP where the answer is cut off", async () => {
    const ips = Array.from({ length: 60 }, (_, i) => `192.0.2.${i}`);
    const server = await upstream(({ name, protocol }) =>
      protocol === "udp" ? { flags: TRUNCATED } : { answers: ips.map((ip) => a(name, ip)) },
    );
    const { port } = await dnsTo([server.address]);
    const [whole] = await askTcp(port, question("big.com", "A"));
    expect(whole!.answers).toHaveLength(60);
    // What is too long for this client's datagram comes without records.
    const cut = await askUdp(port, question("big.com", "A"));
    expect(cut).toMatchObject({ flag_tc: true, answers: [], rcode: "NOERROR" });
    expect(server.asked.map(({ protocol }) => protocol)).toEqual(["udp", "tcp"]);
  });

  test("is asked for in EDNS where the client speaks it", async () => {
    const server = await upstream(({ name }) => ({
      answers: [a(name, "192.0.2.1")],
      additionals: [opt(1_232)],
    }));
    const { port } = await dnsTo([server.address]);
    const message = question("example.com", "A", { additionals: [opt(1_232)] });
    expect((await askUdp(port, message)).additionals).toMatchObject([{ type: "OPT" }]);
  });
});

describe("an upstream server", () => {
  test("that fails is followed by the next, which is asked first from then on", async () => {
    const bad = await upstream(() => ({ rcode: SERVFAIL }));
    const good = await upstream(says("192.0.2.1"));
    const { port } = await dnsTo([bad.address, good.address]);
    for (const name of ["a.com", "b.com", "c.com"]) {
      expect(shown((await askUdp(port, question(name, "A"))).answers)).toEqual(["A 192.0.2.1"]);
    }
    expect([bad.asked.length, good.asked.length]).toEqual([1, 3]);
  });

  test("that is not there is followed by the next", async () => {
    const good = await upstream(says("192.0.2.1"));
    const { port } = await dnsTo([`127.0.0.1:${await freePort()}`, good.address]);
    expect(shown((await askUdp(port, question("a.com", "A"))).answers)).toEqual(["A 192.0.2.1"]);
  });

  test("that is the only one, and is not there, makes a failure", async () => {
    const { port } = await dnsTo([`127.0.0.1:${await freePort()}`]);
    expect((await askUdp(port, question("a.com", "A"))).rcode).toBe("SERVFAIL");
  });

  test("that fails like all others has its failure passed on, and not kept", async () => {
    const server = await upstream(() => ({ rcode: SERVFAIL }));
    const { port } = await dnsTo([server.address]);
    expect((await askUdp(port, question("a.com", "A"))).rcode).toBe("SERVFAIL");
    server.behave(says("192.0.2.1"));
    expect((await askUdp(port, question("a.com", "A"))).rcode).toBe("NOERROR");
  });

  test("is believed only for what it was asked", async () => {
    const server = await upstream(({ name }) => ({ answers: [a(name, "192.0.2.66")], id: 1 }));
    const other = await upstream(({ name }) => ({
      questions: [{ name: `x${name}`, type: "A" }],
      answers: [a(name, "192.0.2.66")],
    }));
    const good = await upstream(says("192.0.2.1"));
    const { port } = await dnsTo([server.address, other.address, good.address]);
    expect(shown((await askUdp(port, question("a.com", "A"))).answers)).toEqual(["A 192.0.2.1"]);
    expect([server.asked.length, other.asked.length]).toEqual([1, 1]);
  });

  test("that is this server itself is not asked", () => {
    const upstreamNameservers = parseNameservers(["127.0.0.1", "192.0.2.1:5353"]);
    const self = { address: "127.0.0.1", port: 53 };
    expect([...upstreamsByZone({ upstreamNameservers }, self)]).toEqual([
      ["", [{ address: "192.0.2.1", port: 5_353 }]],
    ]);
  });

  test("that asks back is found out, and asked no more", async () => {
    const loop: { port?: number } = {};
    // Passes everything on to the server that asks it.
    const back = await upstream(({ name, type }) => {
      askUdp(loop.port!, question(name, type)).catch(() => undefined);
      return undefined;
    });
    const { port, dns } = await dnsTo([back.address]);
    loop.port = port;
    const probing = dns.probeForLoop();
    await eventually(async () => {
      expect((await askUdp(port, question("a.com", "A"))).rcode).toBe("REFUSED");
    });
    await probing;
    expect(back.asked[0]).toMatchObject({ type: "HINFO" });
  });

  test("that does not ask back is asked as before", async () => {
    const server = await upstream(says("192.0.2.1"));
    const { port, dns } = await dnsTo([server.address]);
    await dns.probeForLoop();
    expect((await askUdp(port, question("a.com", "A"))).rcode).toBe("NOERROR");
  });

  test("that sends garbage is followed by the next", async () => {
    const garbage = await upstream(({ name }) => ({ answers: [a(name, "192.0.2.66")] }));
    const good = await upstream(says("192.0.2.1"));
    garbage.cutAnswersTo(50);
    const { port } = await dnsTo([garbage.address, good.address]);
    expect(shown((await askUdp(port, question("example.com", "A"))).answers)).toEqual([
      "A 192.0.2.1",
    ]);
    expect(garbage.asked).toHaveLength(1);
  });

  test("that asks back ends in a failure, not in a storm", async () => {
    const loop: { port?: number; asked: number } = { asked: 0 };
    const back = await upstream(({ name, type }) => {
      loop.asked++;
      // Asks the server that asks it, and never answers.
      if (loop.port) void askUdp(loop.port, question(name, type)).catch(() => undefined);
      return undefined;
    });
    const { port } = await dnsTo([back.address]);
    loop.port = port;
    expect((await askUdp(port, question("loop.com", "A"))).rcode).toBe("SERVFAIL");
    expect(loop.asked).toBeLessThanOrEqual(3);
  });
});

describe("a stub domain", () => {
  test("has its own servers, the most exact domain first", async () => {
    const servers = await Promise.all(
      ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map((ip) => upstream(says(ip))),
    );
    const [others, acme, sub, inCluster] = servers.map(({ address }) => address);
    const { port } = await dnsTo(
      [others!],
      [`acme.local=${acme}`, `sub.acme.local=${sub}`, `far.cluster.local=${inCluster}`],
    );
    const answers = async (name: string) => {
      const reply = await askUdp(port, question(name, "A"));
      return [reply.rcode, ...shown(reply.answers)];
    };
    expect(await answers("acme.local")).toEqual(["NOERROR", "A 192.0.2.2"]);
    expect(await answers("a.ACME.local")).toEqual(["NOERROR", "A 192.0.2.2"]);
    expect(await answers("a.sub.acme.local")).toEqual(["NOERROR", "A 192.0.2.3"]);
    expect(await answers("notacme.local")).toEqual(["NOERROR", "A 192.0.2.1"]);
    expect(await answers("a.far.cluster.local")).toEqual(["NOERROR", "A 192.0.2.4"]);
    expect(await answers("far.svc.cluster.local")).toEqual(["NXDOMAIN"]);
    expect(await answers("1.2.3.10.in-addr.arpa")).toEqual(["NOERROR", "A 192.0.2.1"]);
  });

  test("may be changed while the server runs", async () => {
    const [one, two] = [await upstream(says("192.0.2.1")), await upstream(says("192.0.2.2"))];
    const { port, dns } = await dnsTo([one.address]);
    expect(shown((await askUdp(port, question("a.com", "A"))).answers)).toEqual(["A 192.0.2.1"]);
    dns.forwardTo({ upstreamNameservers: parseNameservers([two.address]) });
    expect(shown((await askUdp(port, question("a.com", "A"))).answers)).toEqual(["A 192.0.2.2"]);
  });
});

describe("an ExternalName service", () => {
  async function alias(running: TestDns, externalName: string) {
    await running.client.create(Service, "default", {
      metadata: { name: "db" },
      spec: { type: "ExternalName", externalName },
    });
    await eventually(() => expect(running.dns.zone.has("db.default.svc.cluster.local")).toBe(true));
  }

  test("is followed to servers outside", async () => {
    const server = await upstream(({ name, type }) => ({
      answers: type === "A" ? [a(name, "192.0.2.1", 5)] : [],
    }));
    const running = await dnsTo([server.address]);
    await alias(running, "db.example.com");
    const reply = await askUdp(running.port, question("db.default.svc.cluster.local", "A"));
    expect(shown(reply.answers)).toEqual(["A 192.0.2.1", "CNAME db.example.com"]);
    const none = await askUdp(running.port, question("db.default.svc.cluster.local", "AAAA"));
    expect([none.rcode, ...shown(none.answers)]).toEqual(["NOERROR", "CNAME db.example.com"]);
    expect(await running.resolver.resolve4("db.default.svc.cluster.local")).toEqual(["192.0.2.1"]);
  });

  test("passes on records of types that nobody here knows", async () => {
    const data = Buffer.from([0, 1, 0]);
    const server = await upstream(({ name }) => ({
      answers: [{ name, type: "UNKNOWN_65", ttl: 60, data } as unknown as Answer],
    }));
    const running = await dnsTo([server.address]);
    await alias(running, "db.example.com");
    const asked = question("db.default.svc.cluster.local", "UNKNOWN_65");
    expect((await askUdp(running.port, asked)).answers).toMatchObject([
      { type: "CNAME" },
      { type: "UNKNOWN_65", name: "db.example.com", data },
    ]);
  });

  test("of a name that does not exist does not exist", async () => {
    const server = await upstream(() => ({ rcode: NXDOMAIN }));
    const running = await dnsTo([server.address]);
    await alias(running, "db.example.com");
    const reply = await askUdp(running.port, question("db.default.svc.cluster.local", "A"));
    expect([reply.rcode, ...shown(reply.answers)]).toEqual(["NXDOMAIN", "CNAME db.example.com"]);
  });

  test("fails where the servers outside do", async () => {
    const running = await dnsTo([`127.0.0.1:${await freePort()}`]);
    await alias(running, "db.example.com");
    const reply = await askUdp(running.port, question("db.default.svc.cluster.local", "A"));
    expect(reply.rcode).toBe("SERVFAIL");
  });
});

describe("the servers to ask", () => {
  test.each([
    ["10.0.0.1", { address: "10.0.0.1", port: 53 }],
    ["10.0.0.1:5353", { address: "10.0.0.1", port: 5_353 }],
    ["fd00::1", { address: "fd00::1", port: 53 }],
    ["[fd00::1]:5353", { address: "fd00::1", port: 5_353 }],
  ])("may be written %s", (text, server) => {
    expect(parseNameservers([text])).toEqual([server]);
  });

  test.each(["", "dns.google", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:", "[10.0.0"])(
    "may not be written %j",
    (text) => {
      expect(() => parseNameservers([text])).toThrow(
        `not an IP address or IP:port: ${JSON.stringify(text)}`,
      );
    },
  );

  test("are the first three of a resolv.conf", () => {
    const text =
      "search a b\nnameserver 10.0.0.1\n#nameserver 10.0.0.9\n nameserver\tfe80::1%eth0\n";
    expect(resolvConfNameservers(text)).toEqual(parseNameservers(["10.0.0.1", "fe80::1"]));
    expect(resolvConfNameservers("nameserver 10.0.0.1\n".repeat(5))).toHaveLength(3);
  });

  test("may be in a ConfigMap", () => {
    const config = parseConfigData({
      upstreamNameservers: '["8.8.8.8", "1.1.1.1:5353"]',
      stubDomains: '{"Acme.local.": ["10.0.0.1"]}',
    });
    expect(config).toEqual({
      upstreamNameservers: parseNameservers(["8.8.8.8", "1.1.1.1:5353"]),
      stubDomains: new Map([["acme.local", parseNameservers(["10.0.0.1"])]]),
    });
  });

  test.each([
    [{ upstreamNameservers: "8.8.8.8" }, /^upstreamNameservers: Unexpected/],
    [{ upstreamNameservers: '"8.8.8.8"' }, /^upstreamNameservers: must be a list of strings$/],
    [{ stubDomains: "[]" }, /^stubDomains: must be an object of lists of servers$/],
    [{ stubDomains: '{"a b..c": []}' }, /^not a domain name: "a b\.\.c"$/],
    [{ stubDomains: '{"acme.local": ["x"]}' }, /^not an IP address or IP:port: "x"$/],
    [{ federations: "{}" }, /^"federations" is not supported$/],
  ])("are refused in a ConfigMap with %j", (data, why) => {
    expect(() => parseConfigData(data as Record<string, string>)).toThrow(why);
  });
});

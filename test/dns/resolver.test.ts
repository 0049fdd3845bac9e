import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoints } from "../../src/api/endpoints.ts";
import type { Service } from "../../src/api/service.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { type Answer, encodeAnswer, TCP_BYTES } from "../../src/dns/answer.ts";
import { AnswerCache } from "../../src/dns/cache.ts";
import { Forwarder } from "../../src/dns/forward.ts";
import { readQuery } from "../../src/dns/query.ts";
import {
  domainNames,
  domainRecords,
  namespaceNames,
  podRecords,
  serviceRecords,
} from "../../src/dns/records.ts";
import { type Resolution, Resolver } from "../../src/dns/resolver.ts";
import { Zone } from "../../src/dns/zone.ts";
import { TestClock } from "../support/test-clock.ts";
import {
  aNamespace,
  aPodAt,
  aService,
  aWebService,
  DOMAIN,
  someEndpoints,
} from "./made-up-cluster.ts";
import { opt, question, replyIn, shown } from "./question.ts";
import { expectedAnswer } from "./specification.ts";

interface Objects {
  namespaces?: string[];
  services?: Service[];
  endpoints?: Endpoints[];
  isEveryPodNamed?: boolean;
}

function resolverOf({ namespaces = ["default"], services = [], endpoints = [], ...rest }: Objects) {
  const clock = new TestClock();
  const random = seededRandom(1);
  const zone = new Zone();
  zone.put("domain", domainRecords(DOMAIN), domainNames(DOMAIN));
  for (const name of namespaces) zone.put(name, [], namespaceNames(aNamespace(name), DOMAIN));
  for (const service of services) {
    const { namespace, name } = service.metadata;
    const behind = endpoints.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
    );
    zone.put(`${namespace}/${name}`, serviceRecords(service, behind, DOMAIN));
  }
  const cache = new AnswerCache({ clock });
  const { signal } = new AbortController();
  const forward = new Forwarder({
    upstreams: new Map(),
    cache,
    clock,
    random,
    signal,
    log: silentLog,
  });
  const isEveryPodNamed = rest.isEveryPodNamed ?? true;
  const resolver = new Resolver({ domain: DOMAIN, zone, forward, isEveryPodNamed, clock, random });
  return { zone, resolver };
}

function ask(objects: Objects, name: string, type: string, message = question(name, type)) {
  return replyOf(resolverOf(objects).resolver, message);
}

async function replyOf(resolver: Resolver, message: Buffer) {
  const query = readQuery(message)!;
  const resolution: Resolution = await resolver.resolve(query);
  if (Buffer.isBuffer(resolution)) throw new Error("was forwarded");
  return replyIn(encodeAnswer(query, resolution, TCP_BYTES));
}

const web = aWebService("default/web", "10.254.0.7");
const alias = (key: string, externalName: string) =>
  aService(key, { type: "ExternalName", externalName });

describe("an answer", () => {
  test("is an address, with authority", async () => {
    const reply = await ask({ services: [web] }, "web.default.svc.cluster.local", "A");
    expect(reply).toMatchObject({ rcode: "NOERROR", flag_aa: true, flag_ra: true, flag_rd: true });
    expect(reply.answers).toMatchObject([{ ttl: 30, type: "A", data: "10.254.0.7" }]);
  });

  test("to a name that exists, but not for this type, is empty and not NXDOMAIN", async () => {
    for (const [name, type] of [
      ["web.default.svc.cluster.local", "AAAA"],
      ["default.svc.cluster.local", "A"],
      ["svc.cluster.local", "A"],
      ["pod.cluster.local", "TXT"],
      ["cluster.local", "A"],
      ["_tcp.web.default.svc.cluster.local", "SRV"],
      ["_http._tcp.web.default.svc.cluster.local", "A"],
      ["7.0.254.10.in-addr.arpa", "A"],
    ] as const) {
      const { rcode, answers, authorities } = await ask({ services: [web] }, name, type);
      expect([name, rcode, answers, authorities.length]).toEqual([name, "NOERROR", [], 1]);
    }
  });

  test("to a name that does not exist is NXDOMAIN, to be kept for 30 s", async () => {
    for (const name of [
      "nothing.default.svc.cluster.local",
      "web.other.svc.cluster.local",
      "other.svc.cluster.local",
      "a.web.default.svc.cluster.local",
      "nothing.cluster.local",
      "1.2.3.10.in-addr.arpa",
    ]) {
      const { rcode, authorities } = await ask({ services: [web] }, name, "A");
      expect([name, rcode]).toEqual([name, "NXDOMAIN"]);
      expect(authorities).toMatchObject([{ type: "SOA", ttl: 30, data: { minimum: 30 } }]);
    }
  });

  test("comes for a name in any case, and repeats it as it was asked", async () => {
    const reply = await ask({ services: [web] }, "wEb.DEFAULT.svc.Cluster.LOCAL", "A");
    expect(shown(reply.answers)).toEqual(["A 10.254.0.7"]);
    expect(reply.questions![0]!.name).toBe("wEb.DEFAULT.svc.Cluster.LOCAL");
    expect(reply.answers[0]!.name).toBe("wEb.DEFAULT.svc.Cluster.LOCAL");
  });

  test("of SRV brings the addresses along", async () => {
    const endpoints = someEndpoints("default/db", {
      ready: [{ ip: "10.1.0.1", hostname: "db-0" }, { ip: "10.1.0.2" }],
      ports: [{ name: "http", port: 8080 }],
    });
    const objects = { services: [aWebService("default/db", "None")], endpoints: [endpoints] };
    const reply = await ask(objects, "_http._tcp.db.default.svc.cluster.local", "SRV");
    expect(shown(reply.answers)).toEqual([
      "SRV 0 50 8080 10-1-0-2.db.default.svc.cluster.local",
      "SRV 0 50 8080 db-0.db.default.svc.cluster.local",
    ]);
    expect(shown(reply.additionals)).toEqual(["A 10.1.0.1", "A 10.1.0.2"]);
  });

  test("says which version of the specification this is", async () => {
    const reply = await ask({}, "dns-version.cluster.local", "TXT");
    expect(shown(reply.answers)).toEqual(["TXT 1.1.0"]);
    expect(reply.answers).toMatchObject([{ ttl: 28_800 }]);
  });

  test("says who has the authority over the zone", async () => {
    expect((await ask({}, "cluster.local", "SOA")).answers).toMatchObject([
      { type: "SOA", data: { mname: "ns.dns.cluster.local", rname: "hostmaster.cluster.local" } },
    ]);
    expect(shown((await ask({}, "cluster.local", "NS")).answers)).toEqual([
      "NS ns.dns.cluster.local",
    ]);
  });

  test("begins with another address for each client", async () => {
    const ready = [1, 2, 3].map((i) => ({ ip: `10.1.0.${i}` }));
    const service = aWebService("default/db", "None");
    const { resolver } = resolverOf({
      services: [service],
      endpoints: [someEndpoints("default/db", { ready })],
    });
    const query = readQuery(question("db.default.svc.cluster.local", "A"))!;
    const firsts = Array.from({ length: 30 }, () => {
      const { answers } = resolver.resolve(query) as Answer;
      return (answers[0] as { data: string }).data;
    });
    expect([...new Set(firsts)].toSorted()).toEqual(["10.1.0.1", "10.1.0.2", "10.1.0.3"]);
  });

  test("for a name outside of the cluster is REFUSED where nobody can be asked", async () => {
    expect((await ask({}, "example.com", "A")).rcode).toBe("REFUSED");
    expect((await ask({}, "cluster.local.example.com", "A")).rcode).toBe("REFUSED");
    expect((await ask({}, "mycluster.local", "A")).rcode).toBe("REFUSED");
  });

  test("is never taken from a label with a dot inside", async () => {
    const label = Buffer.from("web.default");
    const message = Buffer.concat([
      question("svc.cluster.local", "A").subarray(0, 12),
      ...[Buffer.from([label.length]), label],
      question("svc.cluster.local", "A").subarray(12),
    ]);
    expect((await ask({ services: [web] }, "", "A", message)).rcode).toBe("NXDOMAIN");
  });
});

describe("a question that is none for this server", () => {
  const name = "web.default.svc.cluster.local";

  test.each(["AXFR", "IXFR"])("%s is REFUSED", async (type) => {
    expect((await ask({ services: [web] }, "cluster.local", type)).rcode).toBe("REFUSED");
  });

  test("of another class is REFUSED", async () => {
    const message = question(name, "A", { questions: [{ name, type: "TXT", class: "CH" }] });
    expect((await ask({}, name, "TXT", message)).rcode).toBe("REFUSED");
  });

  test("with another opcode is NOTIMP", async () => {
    expect((await ask({}, name, "A", question(name, "A", { flags: 5 << 11 }))).rcode).toBe(
      "NOTIMP",
    );
  });

  test("with a later version of EDNS is BADVERS", async () => {
    const reply = await ask({}, name, "A", question(name, "A", { additionals: [opt(4096, 1)] }));
    expect(reply.additionals).toMatchObject([{ type: "OPT", extendedRcode: 1, ednsVersion: 0 }]);
  });
});

describe("an alias", () => {
  test("inside the cluster is followed", async () => {
    const services = [web, alias("default/www", "web.default.svc.cluster.local")];
    const reply = await ask({ services }, "www.default.svc.cluster.local", "A");
    expect(shown(reply.answers)).toEqual(["A 10.254.0.7", "CNAME web.default.svc.cluster.local"]);
    const none = await ask({ services }, "www.default.svc.cluster.local", "AAAA");
    expect([none.rcode, ...shown(none.answers)]).toEqual([
      "NOERROR",
      "CNAME web.default.svc.cluster.local",
    ]);
  });

  test("is itself the answer for one who asks for it", async () => {
    const services = [alias("default/www", "example.com")];
    const reply = await ask({ services }, "www.default.svc.cluster.local", "CNAME");
    expect(shown(reply.answers)).toEqual(["CNAME example.com"]);
  });

  test("of nothing is NXDOMAIN", async () => {
    const services = [alias("default/www", "nothing.default.svc.cluster.local")];
    const reply = await ask({ services }, "www.default.svc.cluster.local", "A");
    expect([reply.rcode, ...shown(reply.answers)]).toEqual([
      "NXDOMAIN",
      "CNAME nothing.default.svc.cluster.local",
    ]);
  });

  test("of a pod's address is followed", async () => {
    const services = [alias("default/www", "10-1-2-3.default.pod.cluster.local")];
    const reply = await ask({ services }, "www.default.svc.cluster.local", "A");
    expect(shown(reply.answers)).toEqual([
      "A 10.1.2.3",
      "CNAME 10-1-2-3.default.pod.cluster.local",
    ]);
  });

  test("in a circle is SERVFAIL", async () => {
    const services = [
      alias("default/a", "b.default.svc.cluster.local"),
      alias("default/b", "a.default.svc.cluster.local"),
    ];
    expect((await ask({ services }, "a.default.svc.cluster.local", "A")).rcode).toBe("SERVFAIL");
  });
});

describe("pods, where only those there are have names", () => {
  test("are found by their addresses", async () => {
    const { resolver, zone } = resolverOf({ isEveryPodNamed: false });
    zone.put("pod", podRecords(aPodAt("default/web", "10.1.2.3"), DOMAIN));
    const rcodeOf = (name: string) =>
      (resolver.resolve(readQuery(question(name, "A"))!) as Answer).rcode;
    expect(rcodeOf("10-1-2-3.default.pod.cluster.local")).toBe("NOERROR");
    expect(rcodeOf("10-1-2-4.default.pod.cluster.local")).toBe("NXDOMAIN");
  });
});

/** Each of the first as often as its number says, the others once. */
function oneOf(often: Record<string, number>, seldom: string[]) {
  return fc.oneof(
    ...Object.entries(often).map(([one, weight]) => ({ weight, arbitrary: fc.constant(one) })),
    ...seldom.map((one) => ({ weight: 1, arbitrary: fc.constant(one) })),
  );
}

describe("any name in the zone", () => {
  const ip = fc.constantFrom("10.1.0.1", "10.1.0.2", "10.1.0.3", "fd00::1");
  const hostname = fc.constantFrom(undefined, "db-0", "db-1", "http");
  const address = fc.record({ ip, hostname }).map((one) => ({
    ip: one.ip,
    ...(one.hostname && { hostname: one.hostname }),
  }));
  const ports = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("http", "metrics", ""),
      port: fc.constantFrom(80, 443),
      protocol: fc.constantFrom("TCP", "UDP"),
    }),
    { maxLength: 3, selector: ({ name, protocol }) => `${name}/${protocol}` },
  );
  const key = fc.constantFrom("default/web", "default/db", "prod/web", "prod/db", "gone/web");
  const service = fc
    .record({
      key,
      clusterIPs: fc.constantFrom<string[]>(
        ...[["10.254.0.1"], ["10.254.0.2", "fd00:1::2"], ["None"], ["None"], ["None"]],
      ),
      ports,
      publishNotReadyAddresses: fc.boolean(),
    })
    .map(({ key: of, clusterIPs, ...spec }) =>
      aService(of, { ...spec, clusterIPs, clusterIP: clusterIPs[0]! }),
    );
  const subset = fc.record({
    ready: fc.array(address, { maxLength: 3 }),
    notReady: fc.array(address, { maxLength: 2 }),
    ports,
  });
  const endpoints = fc
    .record({ key, subsets: fc.array(subset, { maxLength: 2 }) })
    .map((one) => someEndpoints(one.key, ...one.subsets));
  const nameOf = ({ metadata }: Service | Endpoints) => `${metadata.namespace}/${metadata.name}`;
  const cluster = fc.record({
    namespaces: fc.uniqueArray(fc.constantFrom("default", "prod", "empty")),
    services: fc.uniqueArray(service, { minLength: 3, maxLength: 5, selector: nameOf }),
    endpoints: fc.uniqueArray(endpoints, { minLength: 3, maxLength: 5, selector: nameOf }),
  });
  const label = fc.constantFrom(
    ...["web", "db", "db-0", "db-1", "10-1-0-1", "fd00--1", "_http", "_metrics", "_tcp", "_udp"],
    ...["default", "prod", "empty", "gone", "svc", "pod", "dns", "ns", "dns-version", "http", "x"],
  );
  // Mostly names as they are built, so that most questions have an answer.
  const built = fc
    .tuple(
      oneOf(
        { "": 6, "db-0.": 2, "10-1-0-1.": 2, "10-1-0-2.": 2, "_http._tcp.": 6, "fd00--1.": 1 },
        [...["_metrics._udp.", "_tcp.", "http.", "a._http._tcp.", "_tcp._http.", "_._tcp."]],
      ),
      oneOf({ "web.": 6, "db.": 6 }, ["10-1-0-1.", "fd00--1.", ""]),
      oneOf({ "default.": 6, "prod.": 6 }, ["empty.", "gone.", ""]),
      oneOf({ "svc.": 8 }, ["pod."]),
    )
    .map((parts) => parts.join(""));
  const anything = fc
    .array(label, { maxLength: 6 })
    .map((all) => all.map((one) => `${one}.`).join(""));
  const name = fc
    .tuple(fc.oneof({ weight: 3, arbitrary: built }, anything), fc.boolean())
    .map(([prefix, isUpper]) => `${isUpper ? prefix.toUpperCase() : prefix}${DOMAIN}`);
  const type = oneOf({ A: 6, SRV: 6, AAAA: 2 }, ["TXT", "CNAME", "NS", "MX"]);

  test("is answered as the specification reads", async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        cluster,
        fc.array(fc.tuple(name, type), { minLength: 5, maxLength: 20 }),
        async (objects, questions) => {
          const { resolver } = resolverOf(objects);
          for (const [asked, of] of questions) {
            const { rcode, answers } = await replyOf(resolver, question(asked, of));
            const plain = shown(answers).map((one) => one.replace(/^SRV \d+ \d+/, "SRV"));
            const answer = { rcode, answers: plain.toSorted() };
            expect({ asked, of, ...answer }).toEqual({
              ...{ asked, of },
              ...expectedAnswer(objects, asked, of),
            });
            if (answers.length > 0) answered++;
          }
        },
      ),
      { numRuns: 1_500 },
    );
    // Not vacuous: many of the questions have records for an answer.
    expect(answered).toBeGreaterThan(500);
  });
});

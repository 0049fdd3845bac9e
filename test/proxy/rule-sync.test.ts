/** Rules and the kernel: only what changed is sent, others are left alone, damage is put right. */
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunCommand } from "../../src/component/command.ts";
import { findIptables, type Iptables } from "../../src/component/iptables.ts";
import { silentLog } from "../../src/component/log.ts";
import type { ServiceEndpoints } from "../../src/proxy/endpoint.ts";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { IPTABLES_OWNERSHIP } from "../../src/proxy/iptables-mode.ts";
import { compileIptablesRules } from "../../src/proxy/iptables-rules.ts";
import type { RuleSet } from "../../src/proxy/rule-set.ts";
import { type Ownership, RuleSync } from "../../src/proxy/rule-sync.ts";
import { compilePortalRules, PORTAL_OWNERSHIP } from "../../src/proxy/userspace/portal-rules.ts";
import { describeWith } from "../support/needs.ts";
import { CASES, type Case, endpointsOf, NODE, PODS, type PodName } from "./cases.ts";
import { TestNamespace } from "./test-namespace.ts";

const POD_NAMES = Object.keys(PODS) as PodName[];

let namespace: TestNamespace;
let sent: string[];

/** iptables of one kind in the namespace; what is sent to the kernel is noted. */
async function iptablesOf(backend: "nft" | "legacy" = "nft"): Promise<Iptables> {
  const run: RunCommand = (program, args, input) => {
    if (program === "iptables-restore") sent.push(input!);
    return namespace.run(program.replace(/^iptables/, `iptables-${backend}`), args, input);
  };
  return findIptables(run);
}

async function syncOf(ownership: Ownership = IPTABLES_OWNERSHIP) {
  return new RuleSync(await iptablesOf(), ownership, silentLog);
}

function rulesOf(...names: string[]): RuleSet {
  const cases = names.map((name) => CASES.find((one) => one.name === name)!);
  return compile(cases);
}

/** Several cases at once, each under its own name and addresses. */
function servicesOf(cases: Case[]): ServiceEndpoints[] {
  return cases.flatMap(({ name, services, endpoints }, i) =>
    joinServices(services, endpoints, NODE).map(({ servicePort, endpoints: behind }) => ({
      servicePort: {
        ...servicePort,
        name: servicePort.name.replace("web", name.replace("'", "")),
        clusterIP: `10.254.1.${i + 1}`,
        nodePort: servicePort.nodePort && servicePort.nodePort + i,
      },
      endpoints: behind,
    })),
  );
}

function compile(cases: Case[], randomFully = false): RuleSet {
  return compileIptablesRules(servicesOf(cases), { ...cases[0]!.options, randomFully });
}

/** As userspace mode has them; the port that it listens on for a service is by chance there. */
function compilePortals(cases: Case[]): RuleSet {
  const portals = servicesOf(cases).map(({ servicePort }, i) => ({
    servicePort,
    proxyPort: 34_501 + i,
  }));
  return compilePortalRules(portals, { bindAddress: "0.0.0.0", hostIP: "192.0.2.1" });
}

describeWith(["root", "iptables"], "rules in the kernel", () => {
  beforeEach(async () => {
    namespace = await TestNamespace.create();
    sent = [];
  });
  afterEach(() => namespace.remove());

  test.each(["nft", "legacy"] as const)(
    "are recognised as what was written, whatever %s prints",
    async (backend) => {
      const iptables = await iptablesOf(backend);
      const sync = new RuleSync(iptables, IPTABLES_OWNERSHIP, silentLog);
      for (const one of CASES) {
        const rules = compile([one], iptables.hasRandomFully);
        await sync.apply(rules);
        expect(await sync.check(rules), one.name).toBe(0);
      }
      await sync.cleanup();
      const portals = new RuleSync(iptables, PORTAL_OWNERSHIP, silentLog);
      for (const { name, services, endpoints } of CASES) {
        const joined = joinServices(services, endpoints, NODE);
        const open = joined.map(({ servicePort }, i) => ({ servicePort, proxyPort: 30_000 + i }));
        const rules = compilePortalRules(open, { bindAddress: "0.0.0.0", hostIP: "192.0.2.1" });
        await portals.apply(rules);
        expect(await portals.check(rules), name).toBe(0);
      }
    },
  );

  test("are sent only where they changed, with stale chains deleted in the same transaction", async () => {
    const sync = await syncOf();
    await sync.apply(rulesOf("three-endpoints", "udp", "node-port"));
    sent = [];
    const after = CASES.map((one) => (one.name === "udp" ? { ...one, endpoints: [] } : one));
    const three = ["three-endpoints", "udp", "node-port"].map(
      (name) => after.find((one) => one.name === name)!,
    );
    await sync.apply(compile(three));
    expect(sent).toHaveLength(1);
    const touched = [...sent[0]!.matchAll(/^:(\S+)/gm)].map(([, chain]) => chain!.slice(0, 9));
    expect(touched.toSorted()).toEqual([
      ...["KUBE-SEP-", "KUBE-SEP-", "KUBE-SEP-", "KUBE-SERV", "KUBE-SERV", "KUBE-SVC-"],
    ]);
    expect(sent[0]!.match(/^-X /gm)).toHaveLength(4);
    expect(await namespace.save("nat")).not.toContain("default/udp");
  });

  test("are not sent at all when nothing changed, not even after a restart", async () => {
    await (await syncOf()).apply(rulesOf("node-port"));
    sent = [];
    await (await syncOf()).apply(rulesOf("node-port"));
    expect(sent).toEqual([]);
  });

  test.each([
    ["all flushed", ["-t", "nat", "-F"]],
    ["a jump gone", ["-t", "nat", "-D", "PREROUTING", "1"]],
    ["a rule gone", ["-t", "nat", "-D", "KUBE-POSTROUTING", "1"]],
    ["a rule more", ["-t", "nat", "-I", "KUBE-SERVICES", "-j", "RETURN"]],
    ["a rule changed", ["-R", "KUBE-FORWARD", "1", "-j", "ACCEPT"]],
    ["the filter flushed", ["-F"]],
  ])("are put right: %s", async (_what, damage) => {
    const sync = await syncOf();
    const rules = rulesOf("three-endpoints", "node-port");
    await sync.apply(rules);
    const before = await namespace.rules();
    await namespace.run("iptables", damage);
    expect(await namespace.rules()).not.toEqual(before);
    await sync.check(rules);
    expect(await namespace.rules()).toEqual(before);
  });

  test("of other people are left where they are, in their order", async () => {
    const theirs = `*nat
:DOCKER - [0:0]
:KUBELIKE - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A PREROUTING -s 10.9.9.9/32 -j ACCEPT
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A KUBELIKE -j RETURN
COMMIT
*filter
:FLANNEL-FWD - [0:0]
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s 172.16.0.0/16 -j ACCEPT
COMMIT
`;
    await namespace.run("iptables-restore", [], theirs);
    const before = await namespace.rules();
    const sync = await syncOf();
    for (const { name } of CASES) await sync.check(rulesOf(name));
    const ofTheirs = (await namespace.rules()).filter((rule) => before.includes(rule));
    expect(ofTheirs).toEqual(before);
    await sync.cleanup();
    const left = (await namespace.rules()).filter(
      (rule) => !/KUBE-(FIREWALL|MARK-MASQ)/.test(rule),
    );
    expect(left).toEqual(before);
  });

  test("are put in place though a stale chain can't be deleted, because somebody leads to it", async () => {
    const sync = await syncOf();
    await sync.apply(rulesOf("one-endpoint"));
    const [chain = ""] = /KUBE-SVC-\w+/.exec(await namespace.save("nat")) ?? [];
    await namespace.run("iptables", ["-t", "nat", "-A", "OUTPUT", "-d", "10.9.9.9", "-j", chain]);
    await sync.apply(rulesOf("udp"));
    expect(await namespace.save("nat")).toContain("default/udp:dns cluster IP");
    expect(await namespace.save("nat")).toContain(`:${chain} - [0:0]`);

    await namespace.run("iptables", ["-t", "nat", "-D", "OUTPUT", "-d", "10.9.9.9", "-j", chain]);
    await sync.check(rulesOf("udp"));
    expect(await namespace.save("nat")).not.toContain(chain);
  });

  test("stay as they are when one of the new ones is refused", async () => {
    const sync = await syncOf();
    await sync.apply(rulesOf("one-endpoint"));
    const before = await namespace.save("nat");
    const wrong = rulesOf("one-endpoint");
    wrong.nat.add("KUBE-SERVICES", "-p nonsense -j ACCEPT");
    await expect(sync.apply(wrong)).rejects.toThrow(/iptables-restore failed \(2\): .*nonsense/s);
    expect(ruleLines(await namespace.save("nat"))).toEqual(ruleLines(before));
    await sync.apply(rulesOf("one-endpoint"));
  });

  test.each([
    ["iptables", 25, compile, IPTABLES_OWNERSHIP],
    ["userspace", 10, compilePortals, PORTAL_OWNERSHIP],
  ] as const)(
    "of %s mode end the same after any sequence of changes as after a fresh start",
    async (_mode, numRuns, compileIn, ownership) => {
      // A state of the cluster: some of the services, each with some of the pods behind it.
      const state = fc.uniqueArray(
        fc.record({ index: fc.nat(CASES.length - 1), pods: fc.subarray(POD_NAMES) }),
        { selector: ({ index }) => index, minLength: 1, maxLength: 6 },
      );
      const withPods = ({ index, pods }: { index: number; pods: PodName[] }): Case => {
        const one = CASES[index]!;
        return { ...one, endpoints: [endpointsOf({ pods, spec: one.services[0]!.spec })] };
      };
      await fc.assert(
        fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 6 }), async (states) => {
          const wanted = states.map((one) => compileIn(one.map(withPods)));
          const reached = await rulesAfter(wanted, ownership);
          expect(reached).toEqual(await rulesAfter(wanted.slice(-1), ownership));
        }),
        { numRuns, seed: 7 },
      );
    },
    240_000,
  );
});

/** What a namespace of its own holds after one proxy has applied all of these, one by one. */
async function rulesAfter(wanted: RuleSet[], ownership: Ownership): Promise<string[]> {
  const fresh = await TestNamespace.create();
  try {
    const sync = new RuleSync(await findIptables(fresh.run), ownership, silentLog);
    for (const rules of wanted) await sync.apply(rules);
    return await fresh.rules();
  } finally {
    await fresh.remove();
  }
}

function ruleLines(text: string): string[] {
  return text.split("\n").filter((line) => !line.startsWith("#") && !/^:/.test(line));
}

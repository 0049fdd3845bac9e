/** Extenders over real HTTP: a small server says what each is asked, and answers as it is told to. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { createInformers } from "../../src/client/informer.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import type { ExtenderOptions } from "../../src/scheduler/extender.ts";
import { extenderTls } from "../../src/scheduler/extender-tls.ts";
import { type RunningScheduler, startScheduler } from "../../src/scheduler/scheduler.ts";
import { eventually } from "../support/eventually.ts";
import { makeAuthority, makeClientPair, startHttpsServer } from "../support/https-server.ts";
import { BindingServer } from "./binding-server.ts";
import { aNode, aPod, type PodWishes } from "./made-up-cluster.ts";

type Question = Record<string, never> & { nodenames?: string[]; nodes?: { items: unknown[] } };

let server: BindingServer;
let extender: Server;
let asked: { verb: string; body: Question }[];
/** Verb -> what to answer; what is not there is answered with 500. */
let answers: Record<string, (body: Question) => unknown>;
let lifetime: AbortController;
let scheduler: RunningScheduler;
let folder: string;

beforeEach(async () => {
  server = new BindingServer();
  lifetime = new AbortController();
  asked = [];
  answers = {};
  folder = mkdtempSync(join(tmpdir(), "kubeling-extender-"));
  extender = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const verb = request.url!.split("/").at(-1)!;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Question;
    asked.push({ verb, body });
    const answer = answers[verb];
    response.statusCode = answer ? 200 : 500;
    response.end(JSON.stringify(answer?.(body) ?? {}));
  });
  extender.listen(0, "127.0.0.1");
  await once(extender, "listening");
  for (const name of ["node1", "node2"]) server.put(`/api/v1/nodes/${name}`, aNode(name));
});
afterEach(() => {
  lifetime.abort();
  extender.close();
  extender.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<ExtenderOptions>): Promise<void> {
  const client = new Client(server.transport);
  const { signal } = lifetime;
  const base = { client, signal, clock: systemClock, random: seededRandom(1), log: silentLog };
  const { port } = extender.address() as AddressInfo;
  const urlPrefix = `http://127.0.0.1:${port}/scheduler`;
  const context = { ...base, informers: createInformers(base) };
  scheduler = await startScheduler(context, { extenders: [{ urlPrefix, ...options }] });
}

const putPod = (name: string, wishes?: PodWishes) =>
  server.put(`/api/v1/namespaces/default/pods/${name}`, aPod(name, wishes));
const isOn = (name: string, node: string) =>
  eventually(() => expect(server.pod(name)?.spec.nodeName).toBe(node));

describe("an extender", () => {
  test("has a say in which nodes will do, and is sent whole nodes", async () => {
    answers.filter = ({ nodes }) => ({
      nodes: { items: nodes!.items.slice(1) },
      failedNodes: { node1: "too blue" },
    });
    await start({ filterVerb: "filter" });
    putPod("web");
    await isOn("web", "node2");
    expect(asked[0]!.body).toMatchObject({
      pod: { metadata: { name: "web" } },
      nodes: { items: [{ metadata: { name: "node1" } }, { metadata: { name: "node2" } }] },
    });
    const { nodes } = scheduler.decisions.explain("default/web")!;
    expect(nodes.find(({ node }) => node === "node1")?.verdict).toBe("too blue");
  });

  test("that keeps the nodes itself is sent names", async () => {
    answers.filter = () => ({ nodenames: ["node1"] });
    await start({ filterVerb: "filter", nodeCacheCapable: true });
    putPod("web");
    await isOn("web", "node1");
    expect(asked[0]!.body.nodenames).toEqual(["node1", "node2"]);
    expect(asked[0]!.body.nodes).toBeUndefined();
  });

  test("has its reason told when no node will do", async () => {
    answers.filter = () => ({
      nodenames: [],
      failedNodes: { node1: "too blue", node2: "too blue" },
    });
    await start({ filterVerb: "filter", nodeCacheCapable: true });
    putPod("web");
    await eventually(() =>
      expect(server.eventsOf("web")[0]).toContain("0/2 nodes are available: 2 too blue."),
    );
  });

  test("gives scores that count as much as its weight says", async () => {
    answers.prioritize = () => [
      { host: "node1", score: 1 },
      { host: "node2", score: 10 },
    ];
    await start({ prioritizeVerb: "prioritize", weight: 5, nodeCacheCapable: true });
    putPod("web");
    await isOn("web", "node2");
    const { nodes } = scheduler.decisions.explain("default/web")!;
    const own = nodes.map(({ node, scores }) => [
      node,
      scores?.at(-1)?.score,
      scores?.at(-1)?.weight,
    ]);
    expect(own).toEqual([
      ["node1", 10, 5],
      ["node2", 100, 5],
    ]);
  });

  test("behind HTTPS is shown a certificate, and has to be of the authority that is named", async () => {
    const authority = await makeAuthority("scheduler-ca");
    const own = await makeClientPair("CN=kube-scheduler", authority);
    const subjects: string[] = [];
    const secure = await startHttpsServer(
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        subjects.push(`${subject?.CN}`);
        response.end(JSON.stringify({ nodenames: ["node2"] }));
      },
      { clientCa: authority.certificate },
    );
    try {
      const [certFile, keyFile] = [join(folder, "scheduler.crt"), join(folder, "scheduler.key")];
      writeFileSync(certFile, own.certificate);
      writeFileSync(keyFile, own.key);
      const tls = extenderTls({ certFile, keyFile, caData: secure.caBundle }, { isHttps: true });
      const extender = { urlPrefix: secure.url, filterVerb: "filter", nodeCacheCapable: true };
      await start({ ...extender, tls });
      putPod("web");
      await isOn("web", "node2");
      expect(subjects).toEqual(["kube-scheduler"]);

      lifetime.abort();
      lifetime = new AbortController();
      const stranger = Buffer.from(authority.certificate).toString("base64");
      await start({ ...extender, tls: extenderTls({ caData: stranger }, { isHttps: true }) });
      putPod("other");
      await eventually(() =>
        expect(server.eventsOf("other")[0]).toMatch(/unable to verify|self.signed|unable to get/),
      );
      expect(subjects).toHaveLength(1);
    } finally {
      lifetime.abort();
      await secure.stop();
    }
  });

  test("binds in place of the scheduler", async () => {
    answers.bind = () => ({});
    await start({ bindVerb: "bind" });
    const pod = putPod("web");
    await eventually(() =>
      expect(asked).toMatchObject([
        { verb: "bind", body: { podName: "web", podNamespace: "default" } },
      ]),
    );
    expect(server.bindings).toEqual([]);
    expect(asked[0]!.body).toHaveProperty("podUID", pod.metadata.uid);
  });

  test("that fails keeps the pod waiting, unless it may be ignored", async () => {
    await start({ filterVerb: "filter" });
    putPod("web");
    await eventually(() =>
      expect(server.eventsOf("web")[0]).toMatch(
        /^Warning FailedScheduling: failed filter with extender at URL http:\/\/127\.0\.0\.1:\d+\/scheduler, code 500$/,
      ),
    );
    expect(server.pod("web")?.spec.nodeName).toBeUndefined();
    lifetime.abort();
    lifetime = new AbortController();
    await start({ filterVerb: "filter", ignorable: true });
    await eventually(() => expect(server.pod("web")?.spec.nodeName).toBeDefined());
  });

  test("is asked only about pods that want what it manages", async () => {
    answers.filter = () => ({ nodenames: ["node2"] });
    const managedResources = ["example.com/foo"];
    await start({ filterVerb: "filter", nodeCacheCapable: true, managedResources });
    putPod("plain");
    await eventually(() => expect(server.pod("plain")?.spec.nodeName).toBeDefined());
    expect(asked).toEqual([]);
    server.put("/api/v1/nodes/node2", aNode("node2", { more: { "example.com/foo": "1" } }));
    putPod("special", { requests: { "example.com/foo": "1" } });
    await isOn("special", "node2");
    expect(asked).toHaveLength(1);
  });

  test("may spare a node in a preemption", async () => {
    answers.preempt = ({ nodeNameToMetaVictims }) => ({
      nodeNameToMetaVictims: {
        node2: (nodeNameToMetaVictims as unknown as Record<string, unknown>).node2,
      },
    });
    for (const node of ["node1", "node2"]) {
      putPod(`low-${node}`, { nodeName: node, requests: { cpu: "4" }, priority: 0 });
    }
    await start({ preemptVerb: "preempt" });
    putPod("high", { requests: { cpu: "4" }, priority: 10 });
    await eventually(() =>
      expect(server.eventsOf("low-node2")[0]).toMatch(/^Normal Preempted: .* on node node2$/),
    );
    expect(server.eventsOf("low-node1")).toEqual([]);
  });
});

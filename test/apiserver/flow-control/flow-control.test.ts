/** FlowSchemas and priority levels: those every cluster has, and whom they put where. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FlowSchema } from "../../../src/api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "../../../src/api/flowcontrol/priority-level-configuration.ts";
import type { ApiServerOptions } from "../../../src/apiserver/apiserver.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { eventually } from "../../support/eventually.ts";

const SCHEMA_UID = "x-kubernetes-pf-flowschema-uid";
const LEVEL_UID = "x-kubernetes-pf-prioritylevel-uid";
const PODS = "/api/v1/namespaces/default/pods";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1";
const ACCOUNTS = ["system:serviceaccounts"];
const USERS = [
  { name: "jane" },
  { name: "root", groups: ["system:masters"] },
  { name: "system:kube-scheduler" },
  { name: "system:node:n1", groups: ["system:nodes"] },
  { name: "system:serviceaccount:kube-system:endpoint-controller", groups: ACCOUNTS },
  { name: "system:serviceaccount:shop:robot", groups: ACCOUNTS },
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
const start = async (options: Partial<ApiServerOptions> = {}) => {
  server = await startTestApiServer({ tokens: tokensOf(USERS), ...options });
};
beforeEach(() => start());
afterEach(() => server.stop());

/** By uid: the names of all there are. */
async function names(): Promise<Map<string, string>> {
  const schemas = (await server.client.list(FlowSchema)).items;
  const levels = (await server.client.list(PriorityLevelConfiguration)).items;
  return new Map([...schemas, ...levels].map(({ metadata }) => [metadata.uid!, metadata.name]));
}
/** Which schema and level a request is told it belongs to. */
async function placeOf(user: string, method: string, path: string) {
  const { headers } = await asUser(server.transport, user)(method, path);
  const known = await names();
  return [SCHEMA_UID, LEVEL_UID].map((name) => known.get(String(headers[name])));
}
const table = async (plural: string) => {
  const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
  const { json } = await ask(server.transport, "GET", `${FLOWS}/${plural}`, undefined, accept);
  return json.rows.map(({ cells }: { cells: unknown[] }) => cells);
};
/** They are written a little after what they tell of. */
const statusesWritten = (claim: () => Promise<void>) =>
  eventually(() => {
    server.clock.advance(100);
    return claim();
  });
const schemaFor = (user: string, level: string, matchingPrecedence = 500) => ({
  metadata: { name: user },
  spec: {
    ...{ priorityLevelConfiguration: { name: level }, matchingPrecedence },
    rules: [
      {
        subjects: [{ kind: "User", user: { name: user } }],
        resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"] }],
      },
    ],
  },
});

describe("flow schemas and priority levels", () => {
  test("are those of every cluster", async () => {
    const now = expect.any(String);
    expect(await table("prioritylevelconfigurations")).toEqual([
      ["catch-all", "Limited", 5, "<none>", "<none>", "<none>", now],
      ["exempt", "Exempt", "<none>", "<none>", "<none>", "<none>", now],
      ["global-default", "Limited", 20, 128, 6, 50, now],
      ["leader-election", "Limited", 10, 16, 4, 50, now],
      ["node-high", "Limited", 40, 64, 6, 50, now],
      ["system", "Limited", 30, 64, 6, 50, now],
      ["workload-high", "Limited", 40, 128, 6, 50, now],
      ["workload-low", "Limited", 100, 128, 6, 50, now],
    ]);
    await statusesWritten(async () =>
      expect(await table("flowschemas")).toEqual([
        ["catch-all", "catch-all", 10_000, "ByUser", now, "False"],
        ["endpoint-controller", "workload-high", 150, "ByUser", now, "False"],
        ["exempt", "exempt", 1, "<none>", now, "False"],
        ["global-default", "global-default", 9_900, "ByUser", now, "False"],
        ["kube-controller-manager", "workload-high", 800, "ByNamespace", now, "False"],
        ["kube-scheduler", "workload-high", 800, "ByNamespace", now, "False"],
        ["kube-system-service-accounts", "workload-high", 900, "ByNamespace", now, "False"],
        ["probes", "exempt", 2, "<none>", now, "False"],
        ["service-accounts", "workload-low", 9_000, "ByUser", now, "False"],
        ["system-leader-election", "leader-election", 100, "ByUser", now, "False"],
        ["system-node-high", "node-high", 400, "ByUser", now, "False"],
        ["system-nodes", "system", 500, "ByUser", now, "False"],
        ["workload-leader-election", "leader-election", 200, "ByUser", now, "False"],
      ]),
    );
  });

  test("place every request, and the answer says where", async () => {
    expect(await placeOf("root", "GET", PODS)).toEqual(["exempt", "exempt"]);
    expect(await placeOf("jane", "GET", PODS)).toEqual(["global-default", "global-default"]);
    expect(await placeOf("jane", "GET", "/healthz")).toEqual(["probes", "exempt"]);
    expect(await placeOf("jane", "GET", "/version")).toEqual(["global-default", "global-default"]);
    const scheduler = "system:kube-scheduler";
    expect(await placeOf(scheduler, "GET", PODS)).toEqual(["kube-scheduler", "workload-high"]);
    expect(await placeOf(scheduler, "GET", `${LEASES}/one`)).toEqual([
      "system-leader-election",
      "leader-election",
    ]);
    const node = "system:node:n1";
    expect(await placeOf(node, "GET", PODS)).toEqual(["system-nodes", "system"]);
    expect(await placeOf(node, "GET", "/api/v1/nodes/n1")).toEqual([
      "system-node-high",
      "node-high",
    ]);
    const endpoints = "/api/v1/namespaces/default/endpoints/one";
    const account = "system:serviceaccount:kube-system:endpoint-controller";
    expect(await placeOf(account, "GET", endpoints)).toEqual([
      "endpoint-controller",
      "workload-high",
    ]);
    expect(await placeOf(account, "GET", PODS)).toEqual([
      "kube-system-service-accounts",
      "workload-high",
    ]);
    expect(await placeOf("system:serviceaccount:shop:robot", "GET", PODS)).toEqual([
      "service-accounts",
      "workload-low",
    ]);
  });

  test("may be anybody's own, from the next request on, and go again", async () => {
    await server.client.create(FlowSchema, "", schemaFor("jane", "workload-low"));
    await eventually(async () =>
      expect(await placeOf("jane", "GET", PODS)).toEqual(["jane", "workload-low"]),
    );
    await server.client.delete(FlowSchema, "", "jane");
    await eventually(async () =>
      expect(await placeOf("jane", "GET", PODS)).toEqual(["global-default", "global-default"]),
    );
  });

  test("whose level is not there place nobody, and say so", async () => {
    await server.client.create(FlowSchema, "", schemaFor("jane", "nowhere"));
    const conditionOf = async () =>
      (await server.client.get(FlowSchema, "", "jane")).status?.conditions?.[0];
    await statusesWritten(async () =>
      expect(await conditionOf()).toMatchObject({
        type: "Dangling",
        status: "True",
        reason: "NotFound",
        message:
          'This FlowSchema references the PriorityLevelConfiguration object named "nowhere" but there is no such object',
      }),
    );
    expect(await placeOf("jane", "GET", PODS)).toEqual(["global-default", "global-default"]);
    await server.client.create(PriorityLevelConfiguration, "", {
      metadata: { name: "nowhere" },
      spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
    });
    await statusesWritten(async () =>
      expect(await conditionOf()).toMatchObject({ status: "False" }),
    );
    await eventually(async () =>
      expect(await placeOf("jane", "GET", PODS)).toEqual(["jane", "nowhere"]),
    );
  });

  test("are as they must be after a start; those that are suggested as somebody wants them", async () => {
    const { store, client } = server;
    const suggested = await client.get(PriorityLevelConfiguration, "", "system");
    const { "apf.kubernetes.io/autoupdate-spec": isOurs } = suggested.metadata.annotations!;
    expect(isOurs).toBe("true");
    const spec = structuredClone(suggested.spec);
    spec.limited!.nominalConcurrencyShares = 99;
    await client.update(PriorityLevelConfiguration, { ...suggested, spec });
    await client.delete(FlowSchema, "", "catch-all");
    const restart = async () => {
      const again = await startTestApiServer({ store });
      await again.client.get(FlowSchema, "", "catch-all");
      const { limited } = (await again.client.get(PriorityLevelConfiguration, "", "system")).spec;
      const there = await again.client.get(PriorityLevelConfiguration, "", "system");
      return { shares: limited!.nominalConcurrencyShares, there, client: again.client };
    };
    const first = await restart();
    expect(first.shares).toBe(30);
    const metadata = {
      ...first.there.metadata,
      annotations: { "apf.kubernetes.io/autoupdate-spec": "false" },
    };
    await first.client.update(PriorityLevelConfiguration, { ...first.there, metadata, spec });
    expect((await restart()).shares).toBe(99);
  });
});

describe("a priority level", () => {
  /** The seats of each level. */
  const seats = async () => {
    const { text } = await ask(server.transport, "GET", "/metrics");
    const lines = text.matchAll(/nominal_limit_seats\{priority_level="([^"]+)"\} (\d+)/g);
    return Object.fromEntries([...lines].map(([, level, value]) => [level, Number(value)]));
  };

  test("has its share of all seats", async () => {
    await asUser(server.transport, "jane")("GET", PODS);
    expect(await seats()).toEqual({
      "catch-all": 13,
      "global-default": 49,
      "leader-election": 25,
      "node-high": 98,
      system: 74,
      "workload-high": 98,
      "workload-low": 245,
    });
    await server.client.create(PriorityLevelConfiguration, "", {
      metadata: { name: "class" },
      spec: {
        type: "Limited",
        limited: { nominalConcurrencyShares: 245, limitResponse: { type: "Reject" } },
      },
    });
    await eventually(async () => {
      await asUser(server.transport, "jane")("GET", PODS);
      expect(await seats()).toMatchObject({ class: 300, "workload-low": 123 });
    });
  });

  test("may use what others lend: a controller that makes 500 pods at once is not refused one", async () => {
    const scheduler = asUser(server.transport, "system:kube-scheduler");
    const answers = await Promise.all(Array.from({ length: 600 }, () => scheduler("GET", PODS)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test("that rejects answers 429 at once where all its seats are taken, and harms no other level", async () => {
    await server.stop();
    await start({ maxRequestsInFlight: 1, maxMutatingRequestsInFlight: 1 });
    await server.client.create(PriorityLevelConfiguration, "", {
      metadata: { name: "narrow" },
      spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
    });
    await server.client.create(FlowSchema, "", schemaFor("jane", "narrow"));
    await eventually(async () =>
      expect(await placeOf("jane", "GET", PODS)).toEqual(["jane", "narrow"]),
    );
    const jane = asUser(server.transport, "jane");
    const robot = asUser(server.transport, "system:serviceaccount:shop:robot");
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => jane("GET", PODS)),
      ...Array.from({ length: 20 }, () => robot("GET", PODS)),
    ]);
    const [janes, robots] = [answers.slice(0, 20), answers.slice(20)];
    const refused = janes.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(20);
    const known = await names();
    expect(known.get(String(refused[0]!.headers[LEVEL_UID]))).toBe("narrow");
    expect(new Set(robots.map(({ status }) => status))).toEqual(new Set([200]));
    const { text } = await ask(server.transport, "GET", "/metrics");
    expect(text).toContain(
      `rejected_requests_total{priority_level="narrow",reason="concurrency-limit"} ${refused.length}`,
    );
  });
});

describe("flow schemas and priority levels that make no sense", () => {
  const refusal = async (plural: string, kind: string, name: string, spec: object) => {
    const body = { apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind, metadata: { name }, spec };
    return (await ask(server.transport, "POST", `${FLOWS}/${plural}`, body)).json.message as string;
  };
  const schema = (spec: object, name = "one") => refusal("flowschemas", "FlowSchema", name, spec);
  const level = (spec: object, name = "one") =>
    refusal("prioritylevelconfigurations", "PriorityLevelConfiguration", name, spec);
  const rules = [
    {
      subjects: [{ kind: "User", user: { name: "jane" } }],
      nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/a"] }],
    },
  ];
  const to = { priorityLevelConfiguration: { name: "system" } };

  test("are refused", async () => {
    const start = 'FlowSchema.flowcontrol.apiserver.k8s.io "one" is invalid: ';
    expect(await schema({ rules })).toBe(
      `${start}spec.priorityLevelConfiguration.name: Required value: must reference a priority level`,
    );
    expect(await schema({ ...to, rules, matchingPrecedence: 1 })).toBe(
      `${start}spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1`,
    );
    expect(await schema({ ...to, rules, matchingPrecedence: 10_001 })).toContain(
      "must not be greater than 10000",
    );
    expect(await schema({ ...to, rules, distinguisherMethod: { type: "ByMoon" } })).toContain(
      'spec.distinguisherMethod.type: Unsupported value: "ByMoon": supported values: "ByNamespace", "ByUser"',
    );
    expect(await schema({ ...to, rules: [{ subjects: [{ kind: "Group" }] }] })).toBe(
      `${start}[spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group', spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]`,
    );
    const resourceRules = [{ verbs: ["get", "*"], apiGroups: [""], resources: ["pods"] }];
    expect(await schema({ ...to, rules: [{ ...rules[0], resourceRules }] })).toContain(
      "if '*' is present, must not specify other verbs, spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace]",
    );
    const nonResourceRules = [{ verbs: ["get"], nonResourceURLs: ["a", "/a*"] }];
    expect(await schema({ ...to, rules: [{ ...rules[0], nonResourceRules }] })).toBe(
      `${start}[spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash, spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*": wildcard can only do suffix matching]`,
    );
  });

  test("are refused for levels as well, and those that must be there stay as they are", async () => {
    const start = 'PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io "one" is invalid: ';
    expect(await level({ type: "Exempt" })).toBe(
      `${start}spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`,
    );
    expect(await level({ type: "Limited" })).toBe(
      `${start}spec.limited: Required value: must not be empty when type is Limited`,
    );
    const queuing = { queues: 8, handSize: 9, queueLengthLimit: -1 };
    const limited = { lendablePercent: 101, limitResponse: { type: "Queue", queuing } };
    expect(await level({ type: "Limited", limited })).toBe(
      `${start}[spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive, spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive, spec.limited.limitResponse.queuing.handSize: Invalid value: 9: should not be greater than queues (8)]`,
    );
    const many = { queues: 10_000, handSize: 8, queueLengthLimit: 1 };
    const deep = { limitResponse: { type: "Queue", queuing: many } };
    expect(await level({ type: "Limited", limited: deep })).toContain(
      "required entropy bits of deckSize 10000 and handSize 8 should not be greater than 60",
    );
    const fixed = await server.client.get(FlowSchema, "", "catch-all");
    const changed = { ...fixed, spec: { ...fixed.spec, matchingPrecedence: 9_000 } };
    await expect(server.client.update(FlowSchema, changed)).rejects.toThrow(
      "spec of 'catch-all' must equal the fixed value",
    );
  });
});

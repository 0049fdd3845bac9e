/** ValidatingAdmissionPolicies with parameters, notes for the audit log, and expressions that cost too much. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditPolicyOf } from "../../../src/apiserver/audit/policy.ts";
import { CRONTABS, cronTab, cronTabDefinition, establish } from "../custom-resources/cron-tab.ts";
import {
  about,
  CONFIGURATIONS,
  type Json,
  MAPS,
  map,
  startAskingServer,
} from "./webhook-server.ts";

const DENIED = (binding: string) =>
  `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'rule' with binding '${binding}' denied request: `;

let server: Awaited<ReturnType<typeof startAskingServer>>;
/** The annotations of what the audit log was told of. */
let annotations: Record<string, string>[];

beforeEach(async () => {
  annotations = [];
  const policy = auditPolicyOf({
    ...{ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"] },
    rules: [{ level: "Metadata", resources: [{ resources: ["configmaps"] }] }, { level: "None" }],
  });
  const write = (line: string) => void annotations.push(JSON.parse(line).annotations);
  server = await startAskingServer({ audit: { policy, write } });
});
afterEach(() => server.stop());

async function make(path: string, body: object): Promise<void> {
  const answer = await server.send("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
}

const policy = (spec: Json) =>
  make(`${CONFIGURATIONS}/validatingadmissionpolicies`, {
    metadata: { name: "rule" },
    spec: { matchConstraints: { resourceRules: [about("v1", "configmaps", "CREATE")] }, ...spec },
  });

async function bind(name: string, spec: Json = {}): Promise<void> {
  const path = `${CONFIGURATIONS}/validatingadmissionpolicybindings`;
  await make(path, {
    metadata: { name },
    spec: { policyName: "rule", validationActions: ["Deny"], ...spec },
  });
  await server.send("GET", `${path}/${name}`);
}

const create = (data: Json = {}) => server.send("POST", MAPS, map("one", data));

describe("a policy with parameters", () => {
  const withMaps = () =>
    policy({
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      validations: [
        {
          expression: "size(object.data) <= int(params.data.most)",
          messageExpression: "'at most ' + params.data.most",
        },
      ],
    });
  const limits = (name: string, most: string) =>
    make(MAPS, { metadata: { name, labels: { limits: "yes" } }, data: { most } });

  test("is asked for each that a selector finds", async () => {
    await limits("low", "1");
    await limits("high", "3");
    await withMaps();
    const selector = { matchLabels: { limits: "yes" } };
    await bind("bound", { paramRef: { selector, parameterNotFoundAction: "Deny" } });

    expect((await create({ a: "1", b: "2" })).json.message).toBe(`${DENIED("bound")}at most 1`);
    expect((await create({ a: "1" })).status).toBe(201);
  });

  test("is not asked where none is found and that is allowed", async () => {
    await withMaps();
    await bind("bound", { paramRef: { name: "gone", parameterNotFoundAction: "Allow" } });
    expect((await create({ a: "1" })).status).toBe(201);
  });

  test("takes them from the namespace of the request, if its binding names none", async () => {
    await make("/api/v1/namespaces", { metadata: { name: "other" } });
    await make("/api/v1/namespaces/other/configmaps", map("limits", { most: "0" }));
    await limits("limits", "2");
    await withMaps();
    await bind("bound", { paramRef: { name: "limits", parameterNotFoundAction: "Deny" } });

    expect((await create({ a: "1" })).status).toBe(201);
    const other = await server.send(
      "POST",
      "/api/v1/namespaces/other/configmaps",
      map("one", { a: "1" }),
    );
    expect(other.json.message).toBe(`${DENIED("bound")}at most 0`);
  });

  test("takes them from custom objects, by the types of their definition", async () => {
    await establish(server.transport, cronTabDefinition());
    await make(CRONTABS, cronTab("limits", { replicas: 1 }));
    await policy({
      paramKind: { apiVersion: "stable.example.com/v1", kind: "CronTab" },
      validations: [
        { expression: "size(object.data) <= params.spec.replicas", message: "too many" },
      ],
    });
    await bind("bound", {
      paramRef: { name: "limits", namespace: "default", parameterNotFoundAction: "Deny" },
    });
    expect((await create({ a: "1", b: "2" })).json.message).toBe(`${DENIED("bound")}too many`);
    expect((await create({ a: "1" })).status).toBe(201);
  });

  test("of a kind that there is not is at fault itself, whatever its binding does", async () => {
    await policy({
      paramKind: { apiVersion: "nobody.example.com/v1", kind: "Thing" },
      validations: [{ expression: "true" }],
    });
    await bind("bound", {
      ...{
        validationActions: ["Audit"],
        paramRef: { name: "x", parameterNotFoundAction: "Allow" },
      },
    });
    expect((await create()).json.message).toBe(
      `${DENIED("bound")}failed to configure binding: failed to find resource referenced by paramKind: 'nobody.example.com/v1, Kind=Thing'`,
    );
  });
});

describe("the audit log tells", () => {
  test("of what was let pass though it is wrong, and why", async () => {
    await policy({ validations: [{ expression: "true" }, { expression: "false", message: "hm" }] });
    await bind("bound", { validationActions: ["Audit", "Warn"] });
    const { status, headers } = await create();
    expect([status, headers.warning]).toEqual([201, [expect.stringContaining(": hm")]]);
    const told = annotations[0]!["validation.policy.admission.k8s.io/validation_failure"]!;
    expect(JSON.parse(told)).toEqual([
      {
        ...{ message: "hm", policy: "rule", binding: "bound", expressionIndex: 1 },
        validationActions: ["Audit", "Warn"],
      },
    ]);
  });

  test("of an expression that failed, no more than of one that is false", async () => {
    await policy({ validations: [{ expression: "object.data.missing == 'x'" }] });
    await bind("bound", { validationActions: ["Warn"] });
    const { status, headers } = await create({ a: "1" });
    expect([status, headers.warning]).toEqual([
      201,
      [expect.stringContaining("resulted in error: no such key: missing")],
    ]);
  });

  test("what a policy wants noted, once however many bindings it has", async () => {
    await policy({
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      auditAnnotations: [
        { key: "size", valueExpression: "'size ' + string(size(object.data))" },
        { key: "by", valueExpression: "string(params.data.by)" },
        { key: "nothing", valueExpression: "null" },
      ],
    });
    for (const name of ["ann", "bob"]) {
      await make(MAPS, map(name, { by: name }));
      await bind(name, { paramRef: { name, parameterNotFoundAction: "Deny" } });
    }
    await create({ a: "1" });
    expect(annotations.at(-1)).toMatchObject({ "rule/size": "size 1", "rule/by": "ann, bob" });
    expect(annotations.at(-1)).not.toHaveProperty(["rule/nothing"]);
  });

  test("nothing where that cannot be found out: the request is refused", async () => {
    await policy({
      auditAnnotations: [{ key: "by", valueExpression: "string(object.data.missing)" }],
    });
    await bind("bound", { validationActions: ["Audit"] });
    expect((await create({ a: "1" })).json.message).toBe(`${DENIED("bound")}no such key: missing`);
  });
});

describe("an expression that costs too much", () => {
  const LIST = Array.from({ length: 300 }, (_, i) => i).join();

  test("is ended, and the request refused", async () => {
    const expression = `[${LIST}].all(a, [${LIST}].all(b, [${LIST}].all(c, a + b + c >= 0)))`;
    await policy({ validations: [{ expression }] });
    await bind("bound");
    expect((await create()).json.message).toMatch(
      /resulted in error: operation cancelled: actual cost limit exceeded$/,
    );
  });

  test("is ended also where another part of it would settle the matter", async () => {
    const costly = `[${LIST}].all(a, [${LIST}].all(b, [${LIST}].all(c, c >= 0)))`;
    const expression = `[1, 2].exists(i, ${costly} || true)`;
    await policy({ validations: [{ expression }] });
    await bind("bound");
    expect((await create()).json.message).toContain("actual cost limit exceeded");
  });

  test("by growing what it works on is ended as well", async () => {
    const grow = (from: string) => `(${from} + ${from})`;
    const variables = Array.from({ length: 30 }, (_, i) => ({
      name: `v${i}`,
      expression: i === 0 ? "[1, 2, 3, 4]" : grow(`variables.v${i - 1}`),
    }));
    await policy({ variables, validations: [{ expression: "size(variables.v29) > 0" }] });
    await bind("bound");
    expect((await create()).json.message).toMatch(/cost (limit|budget)/);
  });
});

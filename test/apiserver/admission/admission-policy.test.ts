/** ValidatingAdmissionPolicies and what their bindings make of them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test makes policies of any form
type Json = any;

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const MAPS = "/api/v1/namespaces/default/configmaps";
let server: Awaited<ReturnType<typeof startTestApiServer>>;

beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const send = (method: string, path: string, body?: unknown) =>
  ask(server.transport, method, path, body);
const map = (name: string, data: Json = {}) => ({ metadata: { name }, data });

async function policy(spec: Json, binding: Json = {}) {
  const resourceRules = [
    { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] },
  ];
  const made = await send("POST", `${GROUP}/validatingadmissionpolicies`, {
    metadata: { name: "rule" },
    spec: { matchConstraints: { resourceRules }, ...spec },
  });
  expect(made.status, made.text).toBe(201);
  const bound = await send("POST", `${GROUP}/validatingadmissionpolicybindings`, {
    metadata: { name: "bound" },
    spec: { policyName: "rule", validationActions: ["Deny"], ...binding },
  });
  expect(bound.status, bound.text).toBe(201);
  await send("GET", `${GROUP}/validatingadmissionpolicybindings/bound`);
}

const DENIED = "ValidatingAdmissionPolicy 'rule' with binding 'bound' denied request: ";

describe("a ValidatingAdmissionPolicy", () => {
  test("refuses what its expression is false of", async () => {
    await policy({ validations: [{ expression: "size(object.data) < 2" }] });

    expect((await send("POST", MAPS, map("one", { a: "1" }))).status).toBe(201);
    expect((await send("POST", MAPS, map("two", { a: "1", b: "2" }))).json).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: `configmaps "two" is forbidden: ${DENIED}failed expression: size(object.data) < 2`,
    });
  });

  test("speaks in its own words, with its own reason, of its variables", async () => {
    await policy({
      variables: [
        { name: "keys", expression: "object.data.map(key, key)" },
        { name: "count", expression: "size(variables.keys)" },
      ],
      validations: [
        {
          expression: "variables.count < 1",
          reason: "Forbidden",
          messageExpression:
            "'no keys in ' + request.namespace + ', not ' + string(variables.count)",
        },
      ],
    });

    expect((await send("POST", MAPS, map("two", { a: "1", b: "2" }))).json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: `configmaps "two" is forbidden: ${DENIED}no keys in default, not 2`,
    });
  });

  test("warns where its binding says so", async () => {
    await policy(
      { validations: [{ expression: "false", message: "hm" }] },
      { validationActions: ["Warn"] },
    );

    const answer = await send("POST", MAPS, map("one"));

    expect(answer.status).toBe(201);
    expect(answer.headers.warning).toEqual([
      `299 - "Validation failed for ValidatingAdmissionPolicy 'rule' with binding 'bound': hm"`,
    ]);
  });

  test("that fails stops the write", async () => {
    await policy({ validations: [{ expression: "object.spec.replicas > 1" }] });
    expect((await send("POST", MAPS, map("one"))).json.message).toBe(
      `configmaps "one" is forbidden: ${DENIED}expression 'object.spec.replicas > 1' resulted in error: no such key: spec`,
    );
  });

  test("that fails stops nothing where that is to be ignored", async () => {
    await policy({
      failurePolicy: "Ignore",
      validations: [{ expression: "object.spec.replicas > 1" }],
    });
    expect((await send("POST", MAPS, map("one"))).status).toBe(201);
  });

  test("takes parameters from an object", async () => {
    await send("POST", MAPS, map("limits", { most: "1" }));
    await policy(
      {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        validations: [{ expression: "size(object.data) <= int(params.data.most)" }],
      },
      { paramRef: { name: "limits", namespace: "default" } },
    );

    expect((await send("POST", MAPS, map("one", { a: "1" }))).status).toBe(201);
    expect((await send("POST", MAPS, map("two", { a: "1", b: "2" }))).status).toBe(422);
  });

  test("refuses where its parameters are missing", async () => {
    await policy(
      {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        validations: [{ expression: "true" }],
      },
      { paramRef: { name: "limits", namespace: "default" } },
    );
    expect((await send("POST", MAPS, map("one"))).json.message).toBe(
      `configmaps "one" is forbidden: ${DENIED}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    );
  });

  test("asks what its user may do", async () => {
    const allowed = (verb: string) =>
      `authorizer.group('').resource('secrets').namespace('default').check('${verb}').allowed()`;
    await policy({
      validations: [{ expression: `${allowed("get")} && !object.metadata.name.startsWith('x')` }],
    });

    expect((await send("POST", MAPS, map("one"))).status).toBe(201);
    expect((await send("POST", MAPS, map("x1"))).status).toBe(422);
  });

  test("is not taken if it does not compile", async () => {
    const answer = await send("POST", `${GROUP}/validatingadmissionpolicies`, {
      metadata: { name: "rule" },
      spec: { validations: [{ expression: "foo == 1" }] },
    });
    expect(answer.json.message).toBe(
      'ValidatingAdmissionPolicy.admissionregistration.k8s.io "rule" is invalid: [spec.matchConstraints: Required value, ' +
        "spec.validations[0].expression: Invalid value: \"foo == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo == 1\n | ^]",
    );
  });
});

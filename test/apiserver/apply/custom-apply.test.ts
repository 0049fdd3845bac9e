import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { CRONTABS, cronTab, cronTabDefinition, establish } from "../custom-resources/cron-tab.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
  await establish(server.transport, cronTabDefinition());
});
afterAll(() => server.stop());

const apply = (name: string, config: unknown, query = "fieldManager=me") =>
  ask(server.transport, "PATCH", `${CRONTABS}/${name}?${query}`, config, {
    "content-type": "application/apply-patch+yaml",
  });

describe("a custom object applied on the server", () => {
  test("is created, and changed by who owns its fields", async () => {
    const created = await apply("mine", cronTab("mine", { replicas: 3 }));
    expect(created.status, created.text).toBe(201);
    expect(created.json).toMatchObject(cronTab("mine", { replicas: 3 }));
    expect(created.json.metadata.managedFields).toMatchObject([
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "stable.example.com/v1",
        fieldsV1: { "f:spec": { "f:cronSpec": {}, "f:image": {}, "f:replicas": {} } },
      },
    ]);
    const { replicas: _, ...without } = cronTab("mine", { replicas: 3 }).spec;
    const changed = await apply("mine", { ...cronTab("mine"), spec: without });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json.spec).toEqual(without);
  });

  test("is refused to a second manager who wants another value, unless forced", async () => {
    await apply("ours", cronTab("ours", { replicas: 3 }));
    const other = cronTab("ours", { replicas: 4 });
    const refused = await apply("ours", other, "fieldManager=you");
    expect(refused.json).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    });
    const forced = await apply("ours", other, "fieldManager=you&force=true");
    expect(forced.json.spec.replicas).toBe(4);
  });

  test("is validated, and its unknown fields are refused", async () => {
    expect((await apply("bad", cronTab("bad", { replicas: 11 }))).json).toMatchObject({
      code: 422,
      message:
        'CronTab.stable.example.com "bad" is invalid: spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
    });
    expect((await apply("bad", cronTab("bad", { colour: "red" }))).json).toMatchObject({
      code: 500,
      message:
        "failed to create typed patch object (/bad; stable.example.com/v1, Kind=CronTab): .spec.colour: field not declared in schema",
    });
  });
});

describe("a method in the wrong place", () => {
  const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  test.each([
    ["POST", `${CONFIG_MAPS}/a`],
    ["PUT", CONFIG_MAPS],
    ["PATCH", CONFIG_MAPS],
    ["PATCH", CRONTABS],
  ])("%s %s is not allowed", async (method, path) => {
    const type = { "content-type": "application/merge-patch+json" };
    const { json } = await ask(server.transport, method, path, { metadata: { name: "a" } }, type);
    expect(json).toMatchObject({
      code: 405,
      reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource",
    });
  });
});

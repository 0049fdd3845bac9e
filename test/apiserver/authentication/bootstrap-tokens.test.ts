import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../src/api/secret.ts";
import { type AccountServer, startAccountServer } from "../../support/account-server.ts";

let server: AccountServer;
beforeEach(async () => {
  server = await startAccountServer({ takesBootstrapTokens: true });
});
afterEach(() => server.stop());

const TOKEN = "abcdef.0123456789abcdef";
const lay = (more: Record<string, string> = {}, type = "bootstrap.kubernetes.io/token") =>
  server.client.create(Secret, "kube-system", {
    metadata: { name: "bootstrap-token-abcdef" },
    type,
    stringData: {
      "token-id": "abcdef",
      "token-secret": "0123456789abcdef",
      "usage-bootstrap-authentication": "true",
      ...more,
    },
  });

describe("a bootstrap token", () => {
  test("stands for a node that is about to join", async () => {
    await lay({ "auth-extra-groups": "system:bootstrappers:worker" });

    expect((await server.whoIs(TOKEN)).json.status.userInfo).toEqual({
      username: "system:bootstrap:abcdef",
      groups: ["system:bootstrappers", "system:bootstrappers:worker", "system:authenticated"],
    });
  });

  test("ends when its secret says so, and when it is deleted", async () => {
    await lay({ expiration: "2014-06-06T01:00:00Z" });
    expect((await server.whoIs(TOKEN)).status).toBe(201);
    server.clock.advance(3_600_001);
    expect((await server.whoIs(TOKEN)).status).toBe(401);

    await server.client.delete(Secret, "kube-system", "bootstrap-token-abcdef");
    await lay();
    await expect.poll(async () => (await server.whoIs(TOKEN)).status).toBe(201);
    await server.client.delete(Secret, "kube-system", "bootstrap-token-abcdef");
    await expect.poll(async () => (await server.whoIs(TOKEN)).status).toBe(401);
  });

  test.each([
    ["another password", { "token-secret": "fedcba9876543210" }],
    ["another id", { "token-id": "fedcba" }],
    ["another use", { "usage-bootstrap-authentication": "false" }],
    ["an end nobody can read", { expiration: "soon" }],
    ["a group it may not give", { "auth-extra-groups": "system:masters" }],
  ])("is none where the secret has %s", async (_, more) => {
    await lay(more);
    expect((await server.whoIs(TOKEN)).status).toBe(401);
  });

  test("is none where the secret is of another type", async () => {
    await lay({}, "Opaque");
    expect((await server.whoIs(TOKEN)).status).toBe(401);
  });

  test("is none where nobody takes them", async () => {
    await server.stop();
    server = await startAccountServer();
    await lay();
    expect((await server.whoIs(TOKEN)).status).toBe(401);
  });
});

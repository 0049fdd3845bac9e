import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { Secret } from "../../../src/api/secret.ts";
import { ServiceAccount } from "../../../src/api/service-account.ts";
import {
  type AccountServer,
  claimsOf,
  ISSUER,
  startAccountServer,
} from "../../support/account-server.ts";
import { ask } from "../../support/api-request.ts";

let server: AccountServer;
beforeEach(async () => {
  server = await startAccountServer();
  await server.account("robot");
});
afterEach(() => server.stop());

const podOf = (account: string, name = "web") =>
  server.client.create(Pod, "default", {
    metadata: { name },
    spec: { serviceAccountName: account, containers: [{ name: "web", image: "nginx" }] },
  } as never);
const boundTo = (kind: string, name: string, more = {}) => ({
  boundObjectRef: { apiVersion: "v1", kind, name, ...more },
});
const tokenFor = async (account: string, spec: object = {}): Promise<string> => {
  const { json, status, text } = await server.requestToken(account, spec);
  expect(status, text).toBe(201);
  return json.status.token;
};

describe("a token that was asked for", () => {
  test("stands for its account", async () => {
    const { status, json } = await server.whoIs(await tokenFor("robot"));

    expect(status).toBe(201);
    expect(json.status.userInfo).toMatchObject({
      username: "system:serviceaccount:default:robot",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [expect.stringMatching(/^JTI=/)] },
    });
  });

  test("says for whom it is and how long it holds", async () => {
    const token = await tokenFor("robot", { audiences: ["vault"], expirationSeconds: 7200 });

    const claims = claimsOf(token);

    expect(claims).toMatchObject({
      aud: ["vault"],
      iss: ISSUER,
      sub: "system:serviceaccount:default:robot",
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "robot" } },
    });
    expect(claims.exp - claims.iat).toBe(7200);
    expect(claims.nbf).toBe(Date.parse("2014-06-06T00:00:00Z") / 1000);
  });

  test("ends with its time", async () => {
    const token = await tokenFor("robot", { expirationSeconds: 600 });
    server.clock.advance(659_000);
    expect((await server.whoIs(token)).status).toBe(201);
    server.clock.advance(2_000);
    expect((await server.whoIs(token)).json).toMatchObject({ code: 401, message: "Unauthorized" });
    expect(await server.review(token)).toEqual({
      user: {},
      error: "[invalid bearer token, service account token has expired]",
    });
  });

  test("ends with its account, and is none of an account of the same name", async () => {
    const token = await tokenFor("robot");
    await server.client.delete(ServiceAccount, "default", "robot");
    await expect
      .poll(() => server.review(token))
      .toMatchObject({
        error: '[invalid bearer token, serviceaccounts "robot" not found]',
      });

    const { metadata } = await server.account("robot");
    const { uid } = claimsOf(token)["kubernetes.io"].serviceaccount;
    await expect
      .poll(() => server.review(token))
      .toMatchObject({
        error: `[invalid bearer token, service account UID (${metadata.uid}) does not match claim (${uid})]`,
      });
  });

  test("ends with the pod it was made for", async () => {
    const pod = await podOf("robot");
    const token = await tokenFor("robot", boundTo("Pod", "web"));
    const { extra } = (await server.whoIs(token)).json.status.userInfo;
    expect(extra).toMatchObject({
      "authentication.kubernetes.io/pod-name": ["web"],
      "authentication.kubernetes.io/pod-uid": [pod.metadata.uid],
    });

    await server.client.delete(Pod, "default", "web", { gracePeriodSeconds: 0 });

    await expect.poll(async () => (await server.whoIs(token)).status).toBe(401);
    expect((await server.review(token)).error).toBe(
      "[invalid bearer token, service account token has been invalidated]",
    );
  });

  test("is not believed when a letter of it is changed", async () => {
    const token = await tokenFor("robot");
    const [header, , signature] = token.split(".");
    const claims = { ...claimsOf(token), sub: "system:serviceaccount:kube-system:root" };
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");

    expect((await server.whoIs(`${header}.${body}.${signature}`)).status).toBe(401);

    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect((await server.whoIs(`${none}.${body}.`)).status).toBe(401);
    expect((await server.whoIs(`${none}.${body}.AAAA`)).status).toBe(401);
  });

  test("is for nobody but its audience", async () => {
    const token = await tokenFor("robot", { audiences: ["vault"] });

    expect((await server.whoIs(token)).status).toBe(401);
    expect(await server.review(token, ["vault", "bank"])).toMatchObject({
      authenticated: true,
      user: { username: "system:serviceaccount:default:robot" },
      audiences: ["vault"],
    });
    expect((await server.review(token)).error).toBe(
      `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${ISSUER}"]]`,
    );
  });
});

describe("a TokenRequest", () => {
  test("for the token Kubernetes mounts in pods holds a year, and says it is an hour", async () => {
    await podOf("robot");
    const { json } = await server.requestToken("robot", {
      ...boundTo("Pod", "web"),
      expirationSeconds: 3607,
    });

    const { exp, iat, "kubernetes.io": own } = claimsOf(json.status.token);

    expect(exp - iat).toBe(365 * 24 * 3600);
    expect(own.warnafter - iat).toBe(3607);
    expect(json.status.expirationTimestamp).toBe("2014-06-06T01:00:07Z");
  });

  test.each([
    [
      "too short",
      { expirationSeconds: 599 },
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
    [
      "too long",
      { expirationSeconds: 2 ** 32 + 1 },
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    ["bound to a pod that is not there", boundTo("Pod", "gone"), 404, 'pods "gone" not found'],
    [
      "bound to a pod of another account",
      boundTo("Pod", "web"),
      400,
      'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
    ],
    [
      "bound to another secret of that name",
      boundTo("Secret", "bond", { uid: "another" }),
      409,
      'Operation cannot be fulfilled on Secret "bond": the UID in the bound object reference (another) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      "bound to what nothing can be bound to",
      boundTo("ConfigMap", "x"),
      400,
      "cannot bind token to object of type /v1, Kind=ConfigMap",
    ],
  ])("%s is refused", async (_, spec, code, message) => {
    await podOf("other");
    await server.client.create(Secret, "default", { metadata: { name: "bond" } });

    const { json } = await server.requestToken("robot", spec);

    expect(json).toMatchObject({ code, message });
  });

  test("must be for the account of the path", async () => {
    const other = await server.requestToken("robot", {}, { name: "other" });
    expect(other.json.message).toBe(
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    );
    expect((await server.requestToken("nobody")).json).toMatchObject({
      code: 404,
      message: 'serviceaccounts "nobody" not found',
    });
  });

  test("is not known to a server that has no key", async () => {
    const { startTestApiServer } = await import("../../support/api-server.ts");
    const keyless = await startTestApiServer();
    await keyless.client.create(ServiceAccount, "default", { metadata: { name: "robot" } });
    const path = "/api/v1/namespaces/default/serviceaccounts/robot/token";
    expect((await ask(keyless.transport, "POST", path, { spec: {} })).status).toBe(404);
    await keyless.stop();
  });
});

import { describe, expect, test } from "vitest";
import { createAuthenticator } from "../../src/apiserver/authenticate.ts";
import { BearerTokens } from "../../src/apiserver/authentication/bearer-tokens.ts";
import { staticTokens } from "../../src/apiserver/authentication/static-tokens.ts";
import { forEveryAudience } from "../../src/apiserver/authentication/token-reader.ts";
import { alwaysAllow, authorize } from "../../src/apiserver/authorize.ts";
import { requestInfoOf } from "../../src/apiserver/request-info.ts";
import { silentLog } from "../../src/component/log.ts";
import { TestClock } from "../support/test-clock.ts";

/** "verb group/version namespace resource/name/subresource rest", "-" for nothing. */
function summary(method: string, path: string): string {
  const { isResourceRequest, ...info } = requestInfoOf(method, path);
  if (!isResourceRequest) return `${info.verb} ${info.path}`;
  const or = (text: string) => text || "-";
  const what = [info.resource, info.name, info.subresource].map(or).join("/");
  return `${info.verb} ${or(info.group)}/${info.version} ${or(info.namespace)} ${what} ${or(info.rest)}`;
}

describe("a request is read as", () => {
  test.each([
    ["GET", "/api/v1/namespaces/default/pods", "list -/v1 default pods/-/- -"],
    ["GET", "/api/v1/pods?watch=true", "watch -/v1 - pods/-/- -"],
    ["GET", "/api/v1/pods?watch=false", "list -/v1 - pods/-/- -"],
    ["GET", "/api/v1/namespaces/default/pods/web", "get -/v1 default pods/web/- -"],
    ["GET", "/api/v1/namespaces/default/pods/web/log", "get -/v1 default pods/web/log -"],
    [
      "POST",
      "/api/v1/namespaces/default/pods/web/binding",
      "create -/v1 default pods/web/binding -",
    ],
    ["PUT", "/api/v1/namespaces/default/pods/web/status", "update -/v1 default pods/web/status -"],
    ["DELETE", "/api/v1/namespaces/default/pods", "deletecollection -/v1 default pods/-/- -"],
    ["PATCH", "/apis/apps/v1/namespaces/a/deployments/b", "patch apps/v1 a deployments/b/- -"],
    ["GET", "/apis/coordination.k8s.io/v1/leases", "list coordination.k8s.io/v1 - leases/-/- -"],
    ["GET", "/api/v1/namespaces", "list -/v1 - namespaces/-/- -"],
    ["GET", "/api/v1/namespaces/default", "get -/v1 default namespaces/default/- -"],
    ["PUT", "/api/v1/namespaces/x/finalize", "update -/v1 x namespaces/x/finalize -"],
    ["GET", "/api/v1/namespaces/x/status", "get -/v1 x namespaces/x/status -"],
    ["GET", "/api/v1/watch/namespaces/x/pods", "watch -/v1 x pods/-/- -"],
    ["GET", "/api/v1/watch/pods", "watch -/v1 - pods/-/- -"],
    ["GET", "/api/v1/nodes/n/proxy/a/b", "get -/v1 - nodes/n/proxy /a/b"],
    ["GET", "/api/v1/nodes/n/proxy/a/", "get -/v1 - nodes/n/proxy /a/"],
    ["GET", "/api/v1/namespaces/x/services/a%3A80/proxy/", "get -/v1 x services/a:80/proxy /"],
    ["GET", "/api/v1/namespaces/x/pods/%zz", "get -/v1 x pods/%zz/- -"],
    ["GET", "/api", "get /api"],
    ["GET", "/apis/apps/v1", "get /apis/apps/v1"],
    ["GET", "/healthz?verbose", "get /healthz"],
  ])("%s %s", (method, path, expected) => {
    expect(summary(method, path)).toBe(expected);
  });
});

describe("who asks", () => {
  const jane = { name: "jane", groups: ["dev"] };
  const authenticatorWith = (allowsAnonymous: boolean) => {
    const reader = forEveryAudience(staticTokens(new Map([["s3cret", jane]])), []);
    const tokens = new BearerTokens([reader], []);
    return createAuthenticator({ tokens, allowsAnonymous, clock: new TestClock(), log: silentLog });
  };
  const authenticate = authenticatorWith(false);
  const request = (authorization?: string) => ({
    method: "GET",
    path: "/",
    headers: authorization === undefined ? {} : { authorization },
  });

  test("is told by a token, a certificate, or the door", async () => {
    const certificate = { commonName: "bob", organizations: ["ops"] };
    const users = await Promise.all([
      authenticate(request("Bearer s3cret"), { door: "tls" }),
      authenticate(request(), { door: "tls", certificate }),
      authenticate(request(), { door: "insecure" }),
      authenticate(request(), { door: "in-process" }),
    ]);
    const names = users.map(({ name, groups }) => `${name} of ${groups.join(", ")}`);
    expect(names).toEqual([
      "jane of dev, system:authenticated",
      "bob of ops, system:authenticated",
      "system:unsecured of system:masters, system:authenticated",
      "system:apiserver of system:masters, system:authenticated",
    ]);
  });

  test("is nobody only where nobody is allowed", async () => {
    const asked = async (...about: Parameters<typeof authenticate>) => authenticate(...about);
    await expect(asked(request(), { door: "tls" })).rejects.toThrow("Unauthorized");
    await expect(asked(request("Bearer wrong"), { door: "in-process" })).rejects.toThrow(
      "Unauthorized",
    );
    const open = authenticatorWith(true);
    expect((await open(request(), { door: "tls" })).name).toBe("system:anonymous");
  });
});

describe("whether they may", () => {
  const user = { name: "jane", groups: [] };
  const refusing = () => ({ allowed: false as const, reason: "" });

  test("is always yes with AlwaysAllow", async () => {
    await authorize(alwaysAllow, user, requestInfoOf("GET", "/api/v1/pods"));
  });

  test.each([
    [
      "/api/v1/namespaces/default/pods",
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      "/apis/apps/v1/deployments/x/scale",
      'deployments.apps "x" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
    ],
    ["/healthz", 'forbidden: User "jane" cannot get path "/healthz"'],
  ])("is told in Kubernetes' words: %s", async (path, message) => {
    await expect(authorize(refusing, user, requestInfoOf("GET", path))).rejects.toThrow(message);
  });
});

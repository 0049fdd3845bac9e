import { afterEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/apiserver/authorize.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
afterEach(() => server.stop());

const asked: string[] = [];
/** Allows all but to impersonate what it is told not to. */
const allBut =
  (refused: string): Authorizer =>
  (_, { verb, group, resource, subresource, namespace, name }) => {
    if (verb !== "impersonate") return { allowed: true };
    const what = [group, resource, subresource, namespace, name].join("|");
    asked.push(what);
    return what === refused ? { allowed: false, reason: "no" } : { allowed: true };
  };

async function whoAmI(headers: Record<string, string>, refused = "") {
  asked.length = 0;
  server = await startTestApiServer({ authorizer: allBut(refused) });
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { json } = await ask(server.transport, "POST", path, {}, headers);
  return json.status.userInfo ?? json;
}

describe("whoever impersonates", () => {
  test("is that user, of the groups asked for and of those who are known", async () => {
    const user = await whoAmI({ "impersonate-user": "jane", "impersonate-group": "dev\nCN=a,O=b" });

    expect(user).toEqual({ username: "jane", groups: ["dev", "CN=a,O=b", "system:authenticated"] });
    expect(asked).toEqual(["|users|||jane", "|groups|||dev", "|groups|||CN=a,O=b"]);
  });

  test("has the uid and all else asked for", async () => {
    const user = await whoAmI({
      "impersonate-user": "jane",
      "impersonate-uid": "1234",
      "impersonate-extra-scopes": "view\nedit",
      "impersonate-extra-acme.com%2fproject": "web",
    });

    expect(user).toMatchObject({
      uid: "1234",
      extra: { scopes: ["view", "edit"], "acme.com/project": ["web"] },
    });
    expect(asked).toEqual([
      "|users|||jane",
      "authentication.k8s.io|userextras|scopes||view",
      "authentication.k8s.io|userextras|scopes||edit",
      "authentication.k8s.io|userextras|acme.com/project||web",
      "authentication.k8s.io|uids|||1234",
    ]);
  });

  test("a service account is of its groups", async () => {
    const user = await whoAmI({ "impersonate-user": "system:serviceaccount:shop:robot" });

    expect(user.groups).toEqual([
      "system:serviceaccounts",
      "system:serviceaccounts:shop",
      "system:authenticated",
    ]);
    expect(asked).toEqual(["|serviceaccounts||shop|robot"]);
  });

  test("nobody is nobody", async () => {
    const user = await whoAmI({ "impersonate-user": "system:anonymous" });
    expect(user.groups).toEqual(["system:unauthenticated"]);
  });

  test.each([
    [
      "the user",
      "|users|||jane",
      'users "jane" is forbidden: User "system:apiserver" cannot impersonate resource "users" in API group "" at the cluster scope: no',
    ],
    [
      "a group",
      "|groups|||system:masters",
      'groups "system:masters" is forbidden: User "system:apiserver" cannot impersonate resource "groups" in API group "" at the cluster scope: no',
    ],
  ])("is refused %s they may not be", async (_, refused, message) => {
    const headers = { "impersonate-user": "jane", "impersonate-group": "system:masters" };
    expect(await whoAmI(headers, refused)).toMatchObject({ code: 403, message });
  });

  test("must say whom", async () => {
    expect(await whoAmI({ "impersonate-group": "dev" })).toMatchObject({
      code: 500,
      message:
        'Internal Server Error: "/apis/authentication.k8s.io/v1/selfsubjectreviews": requested [{Group  dev    }] without impersonating a user',
    });
  });
});

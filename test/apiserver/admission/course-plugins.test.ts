/** The plug-ins of the course's configuration that need no objects of their own. */
import { afterEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../../src/api/config-map.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import { Pod } from "../../../src/api/pod.ts";
import { apiServerFlags } from "../../../src/apiserver/flags.ts";
import { admissionPluginsOf } from "../../../src/apiserver/settings.ts";
import { parseFlags } from "../../../src/component/flags.ts";
import { startTestApiServer } from "../../support/api-server.ts";

type Server = Awaited<ReturnType<typeof startTestApiServer>>;
let server: Server | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(...admissionPlugins: string[]): Promise<Server> {
  server = await startTestApiServer({ admissionPlugins, allowsPrivileged: true });
  return server;
}

const pod = (name: string, spec: object = {}) =>
  ({
    metadata: { name },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  }) as never;

describe("--admission-control", () => {
  test("keeps the course's plug-ins in the order given", async () => {
    const line =
      "--admission-control=NamespaceLifecycle,NamespaceExists,LimitRanger,SecurityContextDeny,ResourceQuota";
    const { values, given } = parseFlags(apiServerFlags, [line]);
    const names = admissionPluginsOf(values, given);
    expect(names).toEqual(line.split("=")[1]!.split(","));
    const { client } = await start(...names);
    expect((await client.create(Pod, "default", pod("web"))).metadata.name).toBe("web");
  });

  test("refuses a plug-in that does not exist by name", () => {
    const { values, given } = parseFlags(apiServerFlags, ["--admission-control=AlwaysAdmit,Nope"]);
    expect(() => admissionPluginsOf(values, given)).toThrow(
      "admission plugins not supported: Nope",
    );
  });
});

describe("AlwaysDeny", () => {
  test("lets nobody write, but lets the server start", async () => {
    const { client } = await start("AlwaysDeny");
    const why = "is forbidden: admission control is denying all modifications";
    await expect(client.create(Pod, "default", pod("web"))).rejects.toThrow(`pods "web" ${why}`);
    await expect(
      client.create(Pod, "default", {
        ...(pod("") as object),
        metadata: { generateName: "web-" },
      } as never),
    ).rejects.toThrow(`pods "web-" ${why}`);
    await expect(client.delete(Namespace, "", "default")).rejects.toThrow(why);
    expect((await client.list(Namespace)).items).toHaveLength(4);
  });
});

describe("NamespaceExists", () => {
  test("knows no namespace that is not there", async () => {
    const { client } = await start("NamespaceExists");
    await expect(client.create(ConfigMap, "nowhere", { metadata: { name: "a" } })).rejects.toThrow(
      'namespaces "nowhere" not found',
    );
    await client.create(Namespace, "", { metadata: { name: "room" }, spec: {} });
    await client.create(ConfigMap, "room", { metadata: { name: "a" } });
  });
});

describe("NamespaceAutoProvision", () => {
  test("makes a namespace for the first object in it, once for many", async () => {
    const { client } = await start("NamespaceAutoProvision");
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => client.create(ConfigMap, "new", { metadata: { name } })));
    expect((await client.get(Namespace, "", "new")).status).toEqual({ phase: "Active" });
    expect((await client.list(ConfigMap, { namespace: "new" })).items).toHaveLength(4);
  });

  test("makes none for a dry run, nor for a name that no namespace can have", async () => {
    const { client } = await start("NamespaceAutoProvision");
    const path = "/api/v1/namespaces/dry/configmaps?dryRun=All";
    await client.raw("POST", path, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a" },
    });
    await expect(client.get(Namespace, "", "dry")).rejects.toThrow("not found");
    await expect(
      client.create(ConfigMap, "Not.A.Label", { metadata: { name: "a" } }),
    ).rejects.toThrow(
      /^configmaps "a" is forbidden: Namespace "Not.A.Label" is invalid: metadata.name:/,
    );
  });
});

describe("SecurityContextDeny", () => {
  const inContainer = (securityContext: object) => ({
    containers: [{ name: "web", image: "nginx", securityContext }],
  });
  const cases: [string, object][] = [
    ["SecurityContext.SupplementalGroups", { securityContext: { supplementalGroups: [1] } }],
    [
      "pod.Spec.SecurityContext.SELinuxOptions",
      { securityContext: { seLinuxOptions: { level: "s0" } } },
    ],
    ["pod.Spec.SecurityContext.RunAsUser", { securityContext: { runAsUser: 0, fsGroup: 1 } }],
    ["SecurityContext.FSGroup", { securityContext: { fsGroup: 1 } }],
    ["SecurityContext.SELinuxOptions", inContainer({ seLinuxOptions: { level: "s0" } })],
    ["SecurityContext.RunAsUser", inContainer({ runAsUser: 1 })],
  ];

  test.each(cases)("forbids %s", async (field, spec) => {
    const { client } = await start("SecurityContextDeny");
    await expect(client.create(Pod, "default", pod("web", spec))).rejects.toThrow(
      `pods "web" is forbidden: ${field} is forbidden`,
    );
  });

  test("lets privileges and capabilities be", async () => {
    const { client } = await start("SecurityContextDeny");
    const spec = inContainer({ privileged: true, capabilities: { add: ["NET_ADMIN"] } });
    await client.create(Pod, "default", pod("web", spec));
  });
});

/** How new nodes may trust the cluster, and what becomes of bootstrap tokens. */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Secret } from "../../src/api/secret.ts";
import { bootstrapSignerController } from "../../src/controller-manager/bootstrap-signer.ts";
import { tokenCleanerController } from "../../src/controller-manager/token-cleaner.ts";
import { type Cluster, listed, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

const KUBECONFIG = "apiVersion: v1\nkind: Config\n";
const HOUR_MS = 3_600_000;

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({
    controllers: [bootstrapSignerController, tokenCleanerController],
  });
});
afterEach(() => cluster.stop());

const token = async (id: string, data: Record<string, string> = {}, type?: string) => {
  const text = {
    ...{ "token-id": id, "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true" },
    ...data,
  };
  await cluster.client.create(Secret, "kube-system", {
    metadata: { name: `bootstrap-token-${id}` },
    type: type ?? "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(
      Object.entries(text).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  });
};
const inMs = (ms: number) => new Date(cluster.clock.now().getTime() + ms).toISOString();
const info = async () =>
  (await cluster.client.get(ConfigMap, "kube-public", "cluster-info")).data ?? {};
const makeInfo = (data: Record<string, string> = {}) =>
  cluster.client.create(ConfigMap, "kube-public", {
    metadata: { name: "cluster-info" },
    data: { kubeconfig: KUBECONFIG, ...data },
  });

describe("the bootstrap signer", () => {
  test("signs what anybody may read of the cluster with every token that may sign", async () => {
    await makeInfo({ note: "kept" });
    await token("abcdef");
    await token("ghijkl", { "token-secret": "another0another0" });
    await token("mnopqr", { "usage-bootstrap-signing": "false" });
    await token("stuvwx", {}, "Opaque");
    await cluster.settle();

    const { kubeconfig, note, ...signatures } = await info();
    expect([kubeconfig, note]).toEqual([KUBECONFIG, "kept"]);
    expect(Object.keys(signatures)).toEqual(["jws-kubeconfig-abcdef", "jws-kubeconfig-ghijkl"]);
    const [header, content, signature] = signatures["jws-kubeconfig-ghijkl"]!.split(".");
    expect(Buffer.from(header!, "base64url").toString()).toBe('{"alg":"HS256","kid":"ghijkl"}');
    expect(content).toBe("");
    const whole = `${header}.${Buffer.from(KUBECONFIG).toString("base64url")}`;
    const mac = createHmac("sha256", "another0another0").update(whole).digest("base64url");
    expect(signature).toBe(mac);
  });

  test("signs as Kubernetes signs", async () => {
    // Of staging/src/k8s.io/cluster-bootstrap/token/jws/jws_test.go.
    await makeInfo({
      kubeconfig: "Hello from the other side. I must have called a thousand times.",
    });
    await token("joshua", { "token-secret": "my voice is my passcode" });
    await cluster.settle();
    expect((await info())["jws-kubeconfig-joshua"]).toBe(
      "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8",
    );
  });

  test("signs anew what has changed, and takes back the signatures of tokens that are gone, though every write meets a conflict", async () => {
    await makeInfo();
    await token("abcdef");
    await cluster.settle();
    const before = await info();
    cluster.network.fault = conflictOnEveryWrite();
    const map = await cluster.client.get(ConfigMap, "kube-public", "cluster-info");
    await cluster.client.update(ConfigMap, {
      ...map,
      data: { ...before, kubeconfig: "other", "jws-kubeconfig-forged": "x..y" },
    });
    await cluster.settle();
    const after = await info();
    expect(Object.keys(after).toSorted()).toEqual(["jws-kubeconfig-abcdef", "kubeconfig"]);
    expect(after["jws-kubeconfig-abcdef"]).not.toBe(before["jws-kubeconfig-abcdef"]);

    await cluster.client.delete(Secret, "kube-system", "bootstrap-token-abcdef");
    await cluster.settle();
    expect(await info()).toEqual({ kubeconfig: "other" });
  });

  test("leaves other config maps alone, and one that says nothing", async () => {
    const metadata = { name: "cluster-info" };
    await cluster.client.create(ConfigMap, "default", { metadata, data: { kubeconfig: "x" } });
    await cluster.client.create(ConfigMap, "kube-public", { metadata, data: { other: "x" } });
    await token("abcdef");
    await cluster.settle();
    expect(await info()).toEqual({ other: "x" });
    const own = await cluster.client.get(ConfigMap, "default", "cluster-info");
    expect(own.data).toEqual({ kubeconfig: "x" });
  });
});

describe("the token cleaner", () => {
  const names = async () =>
    (await listed(cluster, Secret, "kube-system")).map(({ metadata }) => metadata.name.slice(-6));

  test("deletes tokens when they end, and their signatures go with them", async () => {
    await makeInfo();
    await token("abcdef", { expiration: inMs(HOUR_MS) });
    await token("ghijkl", { expiration: inMs(3 * HOUR_MS) });
    await token("mnopqr");
    await cluster.settle();
    expect(Object.keys(await info())).toHaveLength(4);

    cluster.clock.advance(HOUR_MS - 1_000);
    await cluster.settle();
    expect(await names()).toEqual(["abcdef", "ghijkl", "mnopqr"]);
    cluster.clock.advance(1_000);
    await cluster.settle();
    expect(await names()).toEqual(["ghijkl", "mnopqr"]);
    expect(Object.keys(await info())).toHaveLength(3);

    cluster.clock.advance(2 * HOUR_MS);
    await cluster.settle();
    expect(await names()).toEqual(["mnopqr"]);
  });

  test("deletes one whose end cannot be read, but no other secret", async () => {
    await token("abcdef", { expiration: "some day" });
    await token("ghijkl", { expiration: inMs(-HOUR_MS) }, "Opaque");
    await cluster.settle();
    expect(await names()).toEqual(["ghijkl"]);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Secret } from "../../src/api/secret.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { rootCaPublisher } from "../../src/controller-manager/root-ca-publisher.ts";
import { serviceAccountTokensController } from "../../src/controller-manager/service-account-tokens.ts";
import { claimsOf } from "../support/account-server.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { signingKey } from "../support/signing-keys.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

describe("the root CA publisher", () => {
  const start = async () => {
    cluster = await startCluster({ controllers: [rootCaPublisher("the authority")] });
    await cluster.client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
    await cluster.settle();
  };
  const published = async () =>
    (await cluster.client.get(ConfigMap, "shop", "kube-root-ca.crt")).data;

  test("tells every namespace of the authority", async () => {
    await start();
    expect(await published()).toEqual({ "ca.crt": "the authority" });
    expect((await cluster.client.get(ConfigMap, "default", "kube-root-ca.crt")).data).toEqual({
      "ca.crt": "the authority",
    });
  });

  test("tells it again where somebody has changed or deleted it, though every write meets a conflict", async () => {
    await start();
    const map = await cluster.client.get(ConfigMap, "shop", "kube-root-ca.crt");
    cluster.network.fault = conflictOnEveryWrite();
    await cluster.client.update(ConfigMap, { ...map, data: { "ca.crt": "me", more: "x" } });
    await cluster.settle();
    expect(await published()).toEqual({ "ca.crt": "the authority" });

    await cluster.client.delete(ConfigMap, "shop", "kube-root-ca.crt");
    await cluster.settle();
    expect(await published()).toEqual({ "ca.crt": "the authority" });
  });
});

describe("the tokens controller", () => {
  const start = async () => {
    const options = { key: signingKey(), rootCa: "the authority" };
    cluster = await startCluster({ controllers: [serviceAccountTokensController(options)] });
    const account = await cluster.client.create(ServiceAccount, "default", {
      metadata: { name: "robot" },
      secrets: [{ name: "robot-token" }, { name: "other" }],
    });
    await lay("robot");
    await cluster.settle();
    return account;
  };
  const lay = (account: string) =>
    cluster.client.create(Secret, "default", {
      metadata: {
        name: "robot-token",
        annotations: { "kubernetes.io/service-account.name": account },
      },
      type: "kubernetes.io/service-account-token",
    });
  const secret = () => cluster.client.get(Secret, "default", "robot-token");
  const textIn = (data: Record<string, string> | undefined, key: string) =>
    Buffer.from(data?.[key] ?? "", "base64").toString();

  test("fills a secret that asks for a token", async () => {
    const account = await start();
    const { data, metadata } = await secret();

    expect(textIn(data, "namespace")).toBe("default");
    expect(textIn(data, "ca.crt")).toBe("the authority");
    expect(metadata.annotations?.["kubernetes.io/service-account.uid"]).toBe(account.metadata.uid);
    expect(claimsOf(textIn(data, "token"))).toEqual({
      iss: "kubernetes/serviceaccount",
      "kubernetes.io/serviceaccount/namespace": "default",
      "kubernetes.io/serviceaccount/secret.name": "robot-token",
      "kubernetes.io/serviceaccount/service-account.name": "robot",
      "kubernetes.io/serviceaccount/service-account.uid": account.metadata.uid,
      sub: "system:serviceaccount:default:robot",
    });
  });

  test("leaves one alone that is full", async () => {
    await start();
    const before = await secret();
    await cluster.client.update(Secret, {
      ...before,
      metadata: { ...before.metadata, labels: { a: "b" } },
    });
    await cluster.settle();
    expect((await secret()).data).toEqual(before.data);
  });

  test("clears it away with the account, and when there never was one", async () => {
    await start();
    await cluster.client.delete(ServiceAccount, "default", "robot");
    await cluster.settle();
    await expect(secret()).rejects.toThrow('secrets "robot-token" not found');

    await lay("nobody");
    await cluster.settle();
    await expect(secret()).rejects.toThrow('secrets "robot-token" not found');
  });

  test("clears it away when the account is made again under the same name", async () => {
    await start();
    const controllerIsCut = cluster.network;
    controllerIsCut.cutWatches();
    await cluster.client.delete(ServiceAccount, "default", "robot");
    await cluster.client.create(ServiceAccount, "default", { metadata: { name: "robot" } });
    await cluster.pass(60_000);
    await expect(secret()).rejects.toThrow('secrets "robot-token" not found');
  });

  test("strikes a secret that has gone from the list of its account", async () => {
    await start();
    await cluster.client.delete(Secret, "default", "robot-token");
    await cluster.settle();
    const { secrets } = await cluster.client.get(ServiceAccount, "default", "robot");
    expect(secrets).toEqual([{ name: "other" }]);
  });
});

/** What becomes of tokens in Secrets that nobody uses. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Pod } from "../../src/api/pod.ts";
import { Secret } from "../../src/api/secret.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { legacyTokenCleaner } from "../../src/controller-manager/legacy-token-cleaner.ts";
import { serviceAccountTokensController } from "../../src/controller-manager/service-account-tokens.ts";
import { ask } from "../support/api-request.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { signingKey } from "../support/signing-keys.ts";

const DAY_MS = 86_400_000;
const PERIOD_MS = 10 * DAY_MS;
const LAST_USED = "kubernetes.io/legacy-token-last-used";
const INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since";

let cluster: Cluster;
beforeEach(async () => {
  const key = signingKey();
  cluster = await startCluster({
    controllers: [legacyTokenCleaner(PERIOD_MS), serviceAccountTokensController({ key })],
    server: { accountTokens: { issuers: ["https://here"], signingKey: key } },
  });
  await cluster.client.create(ServiceAccount, "default", {
    metadata: { name: "robot" },
    secrets: [{ name: "robot-token" }],
  });
  await lay("robot-token");
  await cluster.settle();
});
afterEach(() => cluster.stop());

const lay = (name: string) =>
  cluster.client.create(Secret, "default", {
    metadata: { name, annotations: { "kubernetes.io/service-account.name": "robot" } },
    type: "kubernetes.io/service-account-token",
  });
const secret = (name = "robot-token") => cluster.client.get(Secret, "default", name);
const days = async (count: number) => {
  for (let i = 0; i < count; i++) {
    cluster.clock.advance(DAY_MS);
    await cluster.settle();
  }
};
/** The day so many days after the first: 2014-06-06. */
const day = (after: number) =>
  new Date(Date.parse("2014-06-06") + after * DAY_MS).toISOString().slice(0, 10);
const use = async (name = "robot-token") => {
  const { data } = await secret(name);
  const token = Buffer.from(data!.token!, "base64").toString();
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const headers = { authorization: `Bearer ${token}` };
  return (await ask(cluster.network.transport, "POST", path, {}, headers)).status;
};

describe("a token in a secret", () => {
  test("has the day of its last use noted, once a day, and since when days are noted", async () => {
    const { data } = await cluster.client.get(
      ConfigMap,
      "kube-system",
      "kube-apiserver-legacy-service-account-token-tracking",
    );
    expect(data).toEqual({ since: day(0) });
    expect((await secret()).metadata.labels).toBeUndefined();

    expect(await use()).toBe(201);
    const used = await secret();
    expect(used.metadata.labels).toEqual({ [LAST_USED]: day(0) });
    await use();
    expect((await secret()).metadata.resourceVersion).toBe(used.metadata.resourceVersion);

    cluster.clock.advance(3 * DAY_MS);
    await use();
    expect((await secret()).metadata.labels).toEqual({ [LAST_USED]: day(3) });
  });

  test("that was made for its account is marked when unused for long, taken no more, and deleted later", async () => {
    await days(10);
    expect((await secret()).metadata.labels).toBeUndefined();
    await days(2);
    const { [INVALID_SINCE]: since = "" } = (await secret()).metadata.labels!;
    expect([day(11), day(12)]).toContain(since);
    expect(await use()).toBe(401);
    expect((await secret()).metadata.labels).toEqual({
      [LAST_USED]: day(12),
      [INVALID_SINCE]: since,
    });

    await days(10);
    await secret();
    await days(4);
    await expect(secret()).rejects.toThrow("not found");
  });

  test("is good again when somebody takes the mark away", async () => {
    await days(12);
    expect(await use()).toBe(401);
    const labels = { [INVALID_SINCE]: null };
    await cluster.client.patch(Secret, "default", "robot-token", { metadata: { labels } });
    expect(await use()).toBe(201);
    await days(3);
    expect((await secret()).metadata.labels).toEqual({ [LAST_USED]: day(12) });
  });

  test("stays while it is used, while a pod has it, and where somebody has made it", async () => {
    await lay("made-by-hand");
    await cluster.client.create(ServiceAccount, "default", {
      metadata: { name: "second" },
      secrets: [{ name: "of-a-pod" }],
    });
    await cluster.client.create(Secret, "default", {
      metadata: {
        name: "of-a-pod",
        annotations: { "kubernetes.io/service-account.name": "second" },
      },
      type: "kubernetes.io/service-account-token",
    });
    await cluster.client.create(Pod, "default", {
      metadata: { name: "user" },
      spec: {
        containers: [{ name: "main", image: "nginx" }],
        volumes: [{ name: "token", secret: { secretName: "of-a-pod" } }],
      },
    });
    await cluster.settle();
    for (let i = 0; i < 5; i++) {
      await days(6);
      await use();
    }
    for (const name of ["robot-token", "made-by-hand", "of-a-pod"]) {
      expect((await secret(name)).metadata.labels ?? {}).not.toHaveProperty(INVALID_SINCE);
    }
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { Secret } from "../../../src/api/secret.ts";
import { ServiceAccount } from "../../../src/api/service-account.ts";
import { turns } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer({ admissionPlugins: ["ServiceAccount"] });
});
afterEach(() => server.stop());

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const account = (name: string, more: object = {}, annotations = {}) =>
  server.client.create(ServiceAccount, "default", { metadata: { name, annotations }, ...more });
const token = (name: string, owner: string) =>
  server.client.create(Secret, "default", {
    metadata: { name, annotations: { "kubernetes.io/service-account.name": owner } },
    type: "kubernetes.io/service-account-token",
  });
const create = (spec: object = {}, metadata: object = { name: "web" }) =>
  server.client.create(Pod, "default", {
    metadata,
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  } as never);

describe("the ServiceAccount plug-in", () => {
  test("gives a pod the account default, and its pull secrets", async () => {
    await account("default", { imagePullSecrets: [{ name: "registry" }] });
    const { spec } = await create();
    expect(spec).toMatchObject({
      serviceAccountName: "default",
      serviceAccount: "default",
      imagePullSecrets: [{ name: "registry" }],
    });
    expect(spec.volumes).toBeUndefined();
  });

  test("refuses an account that is not there", async () => {
    const why =
      'is forbidden: error looking up service account default/robot: serviceaccount "robot" not found';
    await expect(create({ serviceAccountName: "robot" })).rejects.toThrow(`pods "web" ${why}`);
    await expect(create({ serviceAccountName: "robot" }, { generateName: "web-" })).rejects.toThrow(
      `pods "web-" ${why}`,
    );
  });

  test("waits a moment for the account default, which a controller makes", async () => {
    const creating = create();
    await turns();
    await account("default");
    server.clock.advance(200);
    expect((await creating).spec.serviceAccountName).toBe("default");
  });

  test("does not wait for it for ever", async () => {
    const creating = create();
    const outcome = expect(creating).rejects.toThrow('serviceaccount "default" not found');
    for (let i = 0; i < 10; i++) {
      await turns();
      server.clock.advance(200);
    }
    await outcome;
  });

  test("mounts the token the account lists, where nothing is mounted yet", async () => {
    await token("robot-token-abcde", "robot");
    await token("other-token", "other");
    await account("robot", { secrets: [{ name: "other-token" }, { name: "robot-token-abcde" }] });
    const own = [{ name: "mine", mountPath: MOUNT_PATH }];
    const { spec } = await create({
      serviceAccountName: "robot",
      volumes: [{ name: "mine", emptyDir: {} }],
      containers: [
        { name: "web", image: "nginx" },
        { name: "side", image: "nginx", volumeMounts: own },
      ],
    });
    expect(spec.containers.map(({ volumeMounts }) => volumeMounts)).toEqual([
      [{ name: "robot-token-abcde", readOnly: true, mountPath: MOUNT_PATH }],
      own,
    ]);
    expect(spec.volumes!.at(-1)).toEqual({
      name: "robot-token-abcde",
      secret: { secretName: "robot-token-abcde", defaultMode: 420 },
    });
  });

  test("mounts none where the account or the pod wants none", async () => {
    await token("t", "robot");
    await account("robot", { secrets: [{ name: "t" }], automountServiceAccountToken: false });
    expect((await create({ serviceAccountName: "robot" })).spec.volumes).toBeUndefined();
    const wants = { serviceAccountName: "robot", automountServiceAccountToken: true };
    expect((await create(wants, { name: "other" })).spec.volumes).toHaveLength(1);
  });

  test("keeps a pod from secrets its account does not list, where the account says so", async () => {
    const enforced = { "kubernetes.io/enforce-mountable-secrets": "true" };
    await account("strict", { secrets: [{ name: "allowed" }] }, enforced);
    const strict = { serviceAccountName: "strict" };
    const env = (name: string) => [
      { name: "KEY", valueFrom: { secretKeyRef: { name, key: "k" } } },
    ];
    const why = "is not allowed because service account strict does not reference that";

    const volumes = [{ name: "v", secret: { secretName: "other" } }];
    await expect(create({ ...strict, volumes })).rejects.toThrow(
      `volume with secret.secretName="other" ${why} secret`,
    );
    const containers = [{ name: "web", image: "nginx", env: env("other") }];
    await expect(create({ ...strict, containers })).rejects.toThrow(
      `container web with envVar KEY referencing secret.secretName="other" ${why} secret`,
    );
    const imagePullSecrets = [{ name: "pull" }];
    await expect(create({ ...strict, imagePullSecrets })).rejects.toThrow(
      `imagePullSecrets[0].name="pull" ${why} imagePullSecret`,
    );
    await create({ ...strict, containers: [{ name: "web", image: "nginx", env: env("allowed") }] });
  });

  test("lets a mirror pod have neither account nor secrets", async () => {
    const mirror = { name: "web", annotations: { "kubernetes.io/config.mirror": "hash" } };
    await expect(create({ serviceAccountName: "robot" }, mirror)).rejects.toThrow(
      'pods "web" is forbidden: a mirror pod may not reference service accounts',
    );
    const volumes = [{ name: "v", secret: { secretName: "s" } }];
    await expect(create({ volumes }, mirror)).rejects.toThrow(
      'pods "web" is forbidden: a mirror pod may not reference secrets',
    );
    const placed = await create({ nodeName: "node1" }, mirror);
    expect(placed.spec.serviceAccountName).toBeUndefined();
  });
});

/** The JavaScript client of Kubernetes itself, over TLS: what it lists, watches, patches, runs and reads. */
import { PassThrough } from "node:stream";
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  type V1ConfigMap,
  VersionApi,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Credentials, startClientCluster } from "./client-cluster.ts";

const LIMIT_MS = 240_000;
const CREDENTIALS: Credentials[] = ["certificate", "token"];

let cluster: Awaited<ReturnType<typeof startClientCluster>>;
beforeAll(async () => {
  cluster = await startClientCluster();
}, LIMIT_MS);
afterAll(() => cluster?.stop());

describe.each(CREDENTIALS)("the JavaScript client with a %s", (credentials) => {
  const config = new KubeConfig();
  let namespace: string;
  beforeAll(async () => {
    config.loadFromFile(cluster.kubeconfigs[credentials]);
    namespace = await cluster.namespace(`javascript-${credentials}`);
  }, LIMIT_MS);

  const settings = (data: Record<string, string>): V1ConfigMap => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", namespace },
    data,
  });

  test(
    "keeps an informer's cache as the cluster is",
    async () => {
      const core = config.makeApiClient(CoreV1Api);
      const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
        core.listNamespacedConfigMap({ namespace }),
      );
      const seen: string[] = [];
      const note = (what: string) => (object: V1ConfigMap) => {
        if (object.metadata?.name === "settings") seen.push(`${what} ${object.data?.color}`);
      };
      informer.on("add", note("add"));
      informer.on("update", note("update"));
      informer.on("delete", note("delete"));
      await informer.start();
      try {
        await core.createNamespacedConfigMap({ namespace, body: settings({ color: "red" }) });
        await core.patchNamespacedConfigMap({
          name: "settings",
          namespace,
          body: [{ op: "replace", path: "/data/color", value: "blue" }],
        });
        await core.deleteNamespacedConfigMap({ name: "settings", namespace });

        await eventually(() => expect(seen).toEqual(["add red", "update blue", "delete blue"]));
        expect(informer.get("settings", namespace)).toBeUndefined();
        expect(informer.get("kube-root-ca.crt", namespace)).toBeDefined();
      } finally {
        await informer.stop();
      }
    },
    LIMIT_MS,
  );

  test(
    "watches from a version, and is told when that is over",
    async () => {
      const core = config.makeApiClient(CoreV1Api);
      const { metadata } = await core.listNamespacedConfigMap({ namespace });
      const objects = KubernetesObjectApi.makeApiClient(config);
      await objects.create(settings({ color: "red" }));
      await objects.patch(settings({ color: "blue" }));
      await objects.delete(settings({}));

      const seen: string[] = [];
      let end: (error: unknown) => void = () => undefined;
      const ended = new Promise((resolve) => {
        end = resolve;
      });
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const query = { resourceVersion: metadata?.resourceVersion, timeoutSeconds: 30 };
      const note = (phase: string, { data }: V1ConfigMap) => seen.push(`${phase} ${data?.color}`);
      const request = await new Watch(config).watch(path, query, note, end);

      await eventually(() => expect(seen).toEqual(["ADDED red", "MODIFIED blue", "DELETED blue"]));
      request.abort();
      expect(await ended).toMatchObject({ name: "AbortError" });
    },
    LIMIT_MS,
  );

  test(
    "starts a deployment, runs a command in its pod, and reads its log",
    async () => {
      const core = config.makeApiClient(CoreV1Api);
      const apps = config.makeApiClient(AppsV1Api);
      const labels = { app: "web" };
      const containers = [{ name: "web", image: "nginx:1.24" }];
      const template = {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers },
      };
      const spec = { replicas: 1, selector: { matchLabels: labels }, template };
      await apps.createNamespacedDeployment({
        namespace,
        body: { metadata: { name: "web" }, spec },
      });
      const pod = await eventually(async () => {
        const { items } = await core.listNamespacedPod({ namespace, labelSelector: "app=web" });
        expect(items[0]?.status?.phase).toBe("Running");
        return items[0]!.metadata!.name!;
      });

      const stdin = new PassThrough();
      const [output, errors] = [collecting(), collecting()];
      const command = ["sh", "-c", "read line; echo got $line; echo oops >&2; exit 3"];
      const status = await new Promise((resolve, reject) => {
        const where = [namespace, pod, "web", command] as const;
        new Exec(config)
          .exec(...where, output.stream, errors.stream, stdin, false, resolve)
          .then(() => stdin.write("this\n"), reject);
      });
      expect(status).toMatchObject({ status: "Failure", reason: "NonZeroExitCode" });
      await eventually(() =>
        expect([output.text(), errors.text()]).toEqual(["got this\n", "oops\n"]),
      );

      const log = collecting();
      const reading = await new Log(config).log(namespace, pod, "web", log.stream, {
        follow: true,
        tailLines: 1,
      });
      await eventually(() => expect(log.text()).toMatch(/\n$/));
      reading.abort();
      await apps.deleteNamespacedDeployment({ name: "web", namespace });
      await eventually(async () => {
        expect((await core.listNamespacedPod({ namespace })).items).toEqual([]);
      });
    },
    LIMIT_MS,
  );

  test(
    "is refused in words",
    async () => {
      const core = config.makeApiClient(CoreV1Api);
      expect((await config.makeApiClient(VersionApi).getCode()).major).toBe("1");
      const gone = core.readNamespacedPod({ name: "nonesuch", namespace });
      await expect(gone).rejects.toMatchObject({
        code: 404,
        body: expect.stringMatching(/pods \\*"nonesuch\\*" not found/),
      });
      const body = { metadata: { name: "Web" } };
      await expect(core.createNamespacedConfigMap({ namespace, body })).rejects.toMatchObject({
        code: 422,
      });
    },
    LIMIT_MS,
  );
});

function collecting() {
  const stream = new PassThrough();
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { stream, text: () => text };
}

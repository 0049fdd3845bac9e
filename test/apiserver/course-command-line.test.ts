/** kube-apiserver with the course's configuration, on a real etcd: it starts, and its plug-ins are at work. */
import { expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { LimitRange } from "../../src/api/limit-range.ts";
import { Pod } from "../../src/api/pod.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { apiServerFlags } from "../../src/apiserver/flags.ts";
import { kubeApiServer } from "../../src/apiserver/main.ts";
import { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/kubeconfig.ts";
import { systemClock } from "../../src/component/clock.ts";
import { parseFlags } from "../../src/component/flags.ts";
import { silentLog } from "../../src/component/log.ts";
import { systemRandom } from "../../src/component/random.ts";
import { startEtcd } from "../support/etcd.ts";
import { freePort } from "../support/free-port.ts";
import { describeWith } from "../support/needs.ts";

const OF_THE_COURSE =
  "NamespaceLifecycle,NamespaceExists,LimitRanger,SecurityContextDeny,ResourceQuota";
const AS_INSTALLED =
  "NamespaceLifecycle,NamespaceExists,LimitRanger,SecurityContextDeny,ServiceAccount,ResourceQuota";

/** Runs `use` while the daemon is at work, on an etcd of its own. */
async function withServer(
  admission: string,
  use: (client: Client, server: string) => Promise<void>,
) {
  const etcd = await startEtcd();
  const port = await freePort();
  const { values, given } = parseFlags(apiServerFlags, [
    "--insecure-bind-address=127.0.0.1",
    `--port=${port}`,
    `--etcd-servers=${etcd.endpoints.join(",")}`,
    "--service-cluster-ip-range=10.254.0.0/16",
    `--admission-control=${admission}`,
    "--logtostderr=true",
    "--v=0",
    "--allow-privileged=false",
    "--secure-port=0",
  ]);
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const context = {
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      signal: stop.signal,
    };
    running = kubeApiServer.run({ ...context, flags: values, given, ready: resolve, fail: reject });
    running.catch(reject);
  });
  const connection = connect({ master: `127.0.0.1:${port}` });
  try {
    await use(new Client(connection.transport), connection.server);
  } finally {
    connection.close();
    stop.abort();
    await running;
    await etcd.stop();
  }
}

const pod = (name: string, spec: object = {}) =>
  ({
    metadata: { name },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  }) as never;

describeWith(["etcd"], "kube-apiserver as the course starts it", () => {
  test("limits, counts and refuses", async () => {
    await withServer(OF_THE_COURSE, async (client, server) => {
      const limits = [{ type: "Container", default: { cpu: "100m" } }];
      await client.create(LimitRange, "default", {
        metadata: { name: "l" },
        spec: { limits },
      } as never);
      const { spec } = await client.create(Pod, "default", pod("web"));
      expect(spec.containers[0]!.resources).toEqual({
        limits: { cpu: "100m" },
        requests: { cpu: "100m" },
      });

      const securityContext = { runAsUser: 0 };
      await expect(client.create(Pod, "default", pod("root", { securityContext }))).rejects.toThrow(
        'pods "root" is forbidden: pod.Spec.SecurityContext.RunAsUser is forbidden',
      );
      await expect(client.create(Pod, "nowhere", pod("web"))).rejects.toThrow(
        'namespaces "nowhere" not found',
      );

      const hard = { configmaps: "5" };
      const quota = await client.create(ResourceQuota, "default", {
        metadata: { name: "q" },
        spec: { hard },
      });
      const status = { hard, used: { configmaps: "0" } };
      await client.updateStatus(ResourceQuota, { ...quota, status });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          client.create(ConfigMap, "default", { metadata: { name: `c${i}` } }),
        ),
      );
      expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(5);

      const answer = await fetch(`${server}/api/v1beta1/pods`);
      expect(await answer.json()).toMatchObject({ kind: "PodList", items: [{ id: "web" }] });
    });
  });

  test("with ServiceAccount, as it was installed, wants an account for every pod", async () => {
    await withServer(AS_INSTALLED, async (client) => {
      await expect(client.create(Pod, "default", pod("web"))).rejects.toThrow(
        'pods "web" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
      );
      await client.create(ServiceAccount, "default", { metadata: { name: "default" } });
      const { spec } = await client.create(Pod, "default", pod("web"));
      expect(spec.serviceAccountName).toBe("default");
    });
  });
});

/** Two of each daemon, as processes of their own; the leader is killed with -9 while it works. */
import { countBy } from "lodash-es";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lease } from "../../src/api/lease.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { createInformers } from "../../src/client/informer.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";
import { type CommandProcess, startCommand } from "../support/kubeling-process.ts";

const LIMIT_MS = 120_000;
/** Long enough for a leader on a busy machine to renew, short enough to wait for. */
const ELECTION = [
  "--leader-elect-lease-duration=10s",
  "--leader-elect-renew-deadline=8s",
  "--leader-elect-retry-period=300ms",
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let lifetime: AbortController;
let master: string;
let daemons: CommandProcess[];

beforeEach(async () => {
  daemons = [];
  lifetime = new AbortController();
  server = await startTestApiServer({ clock: systemClock });
  const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
  master = `--master=http://127.0.0.1:${port}`;
});
afterEach(async () => {
  lifetime.abort();
  await Promise.all(daemons.map((daemon) => daemon.kill()));
  await server.stop();
});

function start(command: string): CommandProcess {
  const daemon = startCommand(command, [master, "--port=0", ...ELECTION]);
  daemons.push(daemon);
  return daemon;
}

/** The one that leads, and the one that waits. */
async function pairOf(command: string): Promise<[leader: CommandProcess, standby: CommandProcess]> {
  const leader = start(command);
  await leader.prints("successfully acquired lease");
  const standby = start(command);
  await standby.prints("new leader elected");
  return [leader, standby];
}

const holderOf = async (name: string) =>
  (await server.client.get(Lease, "kube-system", name)).spec.holderIdentity;

function watchPods() {
  const { client, random } = server;
  const context = { client, random, clock: systemClock, log: silentLog, signal: lifetime.signal };
  return createInformers(context).of(Pod);
}

const containers = [{ name: "main", image: "nginx", resources: { requests: { cpu: "100m" } } }];

describe("of two kube-schedulers", () => {
  test(
    "the second goes on where the first was killed, and no pod is placed twice",
    async () => {
      const [nodes, room, total] = [10, 30, 300];
      for (let i = 0; i < nodes; i++) {
        const allocatable = { cpu: "8", memory: "32Gi", pods: String(room) };
        await server.client.create(Node, "", {
          metadata: { name: `node${i}` },
          spec: {},
          status: { allocatable },
        });
      }
      const placements = new Map<string, Set<string>>();
      watchPods().onChange((pod) => {
        const { nodeName } = pod?.spec ?? {};
        if (!pod || !nodeName) return;
        const places = placements.get(pod.metadata.name) ?? new Set();
        placements.set(pod.metadata.name, places.add(nodeName));
      });
      const [leader, standby] = await pairOf("kube-scheduler");
      const first = await holderOf("kube-scheduler");

      const creating = createPods(total);
      await eventually(() => expect(placements.size).toBeGreaterThan(20), LIMIT_MS);
      leader.child.kill("SIGKILL");
      await creating;
      await standby.prints("successfully acquired lease");
      await eventually(() => expect(placements.size).toBe(total), LIMIT_MS);

      expect(await holderOf("kube-scheduler")).not.toBe(first);
      expect([...placements.values()].filter(({ size }) => size !== 1)).toEqual([]);
      const { items } = await server.client.list(Pod, { namespace: "default" });
      const perNode = countBy(items, ({ spec }) => spec.nodeName);
      expect(Object.values(perNode)).toEqual(Array(nodes).fill(room));
    },
    2 * LIMIT_MS,
  );
});

async function createPods(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await server.client.create(Pod, "default", {
      metadata: { name: `web-${i}` },
      spec: { containers },
    } as never);
  }
}

describe("of two kube-controller-managers", () => {
  test(
    "the second finishes what the first began, and no pod is made too many",
    async () => {
      const replicas = 300;
      const labels = { app: "web" };
      const pods = watchPods();
      let most = 0;
      pods.onChange(() => {
        most = Math.max(most, pods.list("default").length);
      });
      const [leader, standby] = await pairOf("kube-controller-manager");
      await server.client.create(ReplicationController, "default", {
        metadata: { name: "web" },
        spec: {
          replicas,
          selector: labels,
          template: { metadata: { labels }, spec: { containers } },
        },
      } as never);
      await eventually(() => expect(most).toBeGreaterThan(20), LIMIT_MS);
      leader.child.kill("SIGKILL");
      await standby.prints("successfully acquired lease");
      await eventually(async () => {
        const { status } = await server.client.get(ReplicationController, "default", "web");
        expect(status?.replicas).toBe(replicas);
      }, LIMIT_MS);
      const { items } = await server.client.list(Pod, { namespace: "default" });
      expect(items).toHaveLength(replicas);
      expect(most).toBe(replicas);
    },
    2 * LIMIT_MS,
  );
});

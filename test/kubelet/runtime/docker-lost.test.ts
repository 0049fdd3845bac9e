/** A daemon that is not there, or not any more. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../../support/needs.ts";
import { watchEvents } from "./configs.ts";
import { useDocker } from "./docker-node.ts";

describeWith(["root", "docker", "busybox"], "a Docker that is lost", () => {
  const node = useDocker();
  const { startPod } = node;

  test("says so when there is no daemon", async () => {
    const lost = node.startRuntime("unix:///no/such/docker.sock");

    await expect(lost.checkReady()).rejects.toThrow(
      "Cannot connect to the Docker daemon at unix:///no/such/docker.sock. Is the docker daemon running?",
    );
    await expect(lost.listContainers()).rejects.toThrow("Is the docker daemon running?");
  });

  test("events that happen while the connection is lost are told when it is back", async () => {
    const socketPath = join(node.daemon.directory, "cut.sock");
    const proxy = await startSocketProxy(socketPath, node.daemon.endpoint.slice("unix://".length));
    const behindProxy = node.startRuntime(`unix://${socketPath}`);
    const told = watchEvents(behindProxy);
    const before = await startPod();
    await told.until("started", before.id);

    proxy.close();
    const meanwhile = await startPod();
    await proxy.listen();

    await told.until("started", meanwhile.id);
    told.stop();
    behindProxy.close();
    proxy.close();
  });
});

/** Another way to the daemon, which can be closed and opened again. */
async function startSocketProxy(path: string, target: string) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  const listen = async () => {
    server.listen(path);
    await once(server, "listening");
  };
  await listen();
  return {
    listen,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

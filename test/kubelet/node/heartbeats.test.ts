import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../../src/api/node.ts";
import { connect } from "../../../src/client/kubeconfig.ts";
import { heartbeatClient } from "../../../src/kubelet/node/heartbeats.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const LIMIT_MS = 10_000;

describe("a heartbeat", () => {
  let server: Server;
  let clock: ManualClock;
  /** What the server does with a request; the first thing it does not answer at all. */
  let isMute: boolean;
  let connections: number;
  beforeEach(async () => {
    clock = new ManualClock();
    connections = 0;
    server = createServer((_request, response) => {
      if (isMute) return;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ kind: "Node", metadata: { name: "node1" } }));
    });
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const heartbeats = () => {
    const { port } = server.address() as AddressInfo;
    const connection = connect({ master: `http://127.0.0.1:${port}` });
    return heartbeatClient({ connection, limitMs: LIMIT_MS, clock });
  };

  test("that is not answered in time has failed, and the next takes another connection", async () => {
    isMute = true;
    const client = heartbeats();
    const [outcome] = await Promise.all([
      client.get(Node, "", "node1").catch((error: Error) => error.message),
      eventually(() => expect(connections).toBe(1)).then(() => clock.advance(LIMIT_MS)),
    ]);
    expect(outcome).toBe("no answer to a heartbeat in 10000 ms");

    isMute = false;
    expect((await client.get(Node, "", "node1")).metadata.name).toBe("node1");
    expect(connections).toBe(2);
  });

  test("that is answered leaves no timer, and its connection to the next", async () => {
    isMute = false;
    const client = heartbeats();
    await client.get(Node, "", "node1");
    await client.get(Node, "", "node1");
    expect(connections).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

import { expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { Client } from "../../../src/client/client.ts";
import type { Transport } from "../../../src/client/transport.ts";
import { silentLog } from "../../../src/component/log.ts";
import { StatusWriter } from "../../../src/kubelet/pods/status-writer.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";

test("a pod that is gone for good is left in peace where another has taken its name", async () => {
  const server = await startTestApiServer();
  const lifetime = new AbortController();
  const deletions: string[] = [];
  const transport: Transport = (request) => {
    if (request.method === "DELETE") deletions.push(request.path);
    return server.transport(request);
  };
  const statuses = new StatusWriter({
    client: new Client(transport),
    clock: server.clock,
    log: silentLog,
    signal: lifetime.signal,
    publishedOf: (pod) => pod,
  });
  const draft = {
    metadata: { name: "web" },
    spec: { nodeName: "node1", containers: [{ name: "main", image: "nginx" }] },
  };
  try {
    const first = await server.client.create(Pod, "default", draft);
    await server.client.delete(Pod, "default", "web", { gracePeriodSeconds: 0 });
    const second = await server.client.create(Pod, "default", draft);
    const deletionTimestamp = "2014-06-06T00:00:00Z";
    statuses.allowDeletion({ ...first, metadata: { ...first.metadata, deletionTimestamp } });
    await eventually(() => expect(deletions).toHaveLength(1));
    await eventually(() => expect(statuses.isIdle).toBe(true));
    server.clock.advance(60_000);
    await eventually(() => expect(statuses.isIdle).toBe(true));

    expect(deletions).toHaveLength(1);
    const there = await server.client.get(Pod, "default", "web");
    expect(there.metadata.uid).toBe(second.metadata.uid);
  } finally {
    lifetime.abort();
    await server.stop();
  }
});

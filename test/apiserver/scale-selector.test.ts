import { expect, test } from "vitest";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { startTestApiServer } from "../support/api-server.ts";

test("the scale of what selects by expressions shows all of its selector", async () => {
  const server = await startTestApiServer();
  try {
    const { spec } = ReplicaSet.example;
    const selector = {
      matchLabels: { app: "example" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["web", "front"] }],
    };
    const labels = { app: "example", tier: "web" };
    const template = { ...spec.template, metadata: { labels } };
    await server.client.create(ReplicaSet, "default", {
      metadata: { name: "web" },
      spec: { ...spec, selector, template },
    });
    const path = "/apis/apps/v1/namespaces/default/replicasets/web/scale";
    expect(await server.client.raw("GET", path)).toMatchObject({
      kind: "Scale",
      spec: { replicas: 1 },
      status: { replicas: 0, selector: "app=example,tier in (front,web)" },
    });
  } finally {
    await server.stop();
  }
});

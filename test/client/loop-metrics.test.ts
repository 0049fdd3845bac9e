import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createLoopMetrics } from "../../src/client/loop-metrics.ts";

test("the loops are measured under the names that dashboards know", async () => {
  const registry = new Registry();
  const observer = createLoopMetrics(registry);
  observer.depth("node-controller", 3);
  observer.waited("node-controller", 250);
  observer.synced("node-controller", 2_000, "done");
  observer.synced("node-controller", 2_000, "retry");

  const lines = (await registry.metrics()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'workqueue_depth{name="node-controller"} 3',
      'workqueue_queue_duration_seconds_sum{name="node-controller"} 0.25',
      'workqueue_work_duration_seconds_count{name="node-controller"} 2',
      'workqueue_work_duration_seconds_sum{name="node-controller"} 4',
      'workqueue_retries_total{name="node-controller"} 1',
    ]),
  );
});

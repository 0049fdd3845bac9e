/**
 * The priority levels every cluster has: two that must be there, and those that are suggested.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go
 */
import type { PriorityLevelConfigurationSpec } from "kubernetes-types/flowcontrol/v1.js";
import type { PriorityLevelConfiguration } from "./priority-level-configuration.ts";

function level(name: string, spec: PriorityLevelConfigurationSpec): PriorityLevelConfiguration {
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "PriorityLevelConfiguration",
    metadata: { name },
    spec,
  };
}

/** How many may wait in one queue of a suggested level. */
const QUEUE_LENGTH_LIMIT = 50;

function limited(
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
): PriorityLevelConfiguration {
  const queuing = { queues, handSize, queueLengthLimit: QUEUE_LENGTH_LIMIT };
  const limitResponse = { type: "Queue", queuing };
  const shares = { nominalConcurrencyShares, lendablePercent };
  return level(name, { type: "Limited", limited: { ...shares, limitResponse } });
}

export const MANDATORY_LEVELS: readonly PriorityLevelConfiguration[] = [
  level("exempt", {
    type: "Exempt",
    exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
  }),
  level("catch-all", {
    type: "Limited",
    limited: {
      ...{ nominalConcurrencyShares: 5, lendablePercent: 0 },
      limitResponse: { type: "Reject" },
    },
  }),
];

export const SUGGESTED_LEVELS: readonly PriorityLevelConfiguration[] = [
  limited("system", 30, 33, 64, 6),
  limited("node-high", 40, 25, 64, 6),
  limited("leader-election", 10, 0, 16, 4),
  limited("workload-high", 40, 50, 128, 6),
  limited("workload-low", 100, 90, 128, 6),
  limited("global-default", 20, 50, 128, 6),
];

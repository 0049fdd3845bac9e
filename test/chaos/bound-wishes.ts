/** What is bound to workloads by a selector or a name: services, budgets, autoscalers; and quotas. */
import type { Random } from "../../src/component/random.ts";
import { pick, roll } from "./dice.ts";
import { tier } from "./template-wishes.ts";

/** The name of a service without a selector, and of the endpoints that a user writes for it. */
const MIRRORED = { name: "mirror" };
const SERVICE_TYPES = ["ClusterIP", "NodePort", "LoadBalancer"] as const;
export const WANTED_PERCENT = 50;

export const serviceType = (dice: Random) => pick(dice, SERVICE_TYPES);

export function serviceOf(name: string, dice: Random) {
  const ports = [{ port: 80, targetPort: 8080 }];
  if (dice.next() < 0.2) return { metadata: MIRRORED, spec: { ports } };
  const selector = { tier: tier(dice) };
  return { metadata: { name }, spec: { type: serviceType(dice), selector, ports } };
}

export function endpointsOf(dice: Random) {
  const addresses = Array.from({ length: roll(dice, 0, 3) }, (_, i) => ({
    ip: `192.0.2.${i + 1}`,
  }));
  const subsets = addresses.length === 0 ? [] : [{ addresses, ports: [{ port: 8080 }] }];
  return { metadata: MIRRORED, subsets };
}

export function budgetOf(dice: Random) {
  const budget = pick(dice, [{ minAvailable: 1 }, { maxUnavailable: 1 }, { minAvailable: "50%" }]);
  return { selector: { matchLabels: { tier: tier(dice) } }, ...budget };
}

/** One for each thing that has a scale, named after it: two would quarrel. */
export function autoscalerOf(
  scaleTargetRef: { apiVersion: string; kind: string; name: string },
  dice: Random,
) {
  const target = { type: "Utilization" as const, averageUtilization: WANTED_PERCENT };
  const behaviors = [{}, { behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } }];
  return {
    metadata: { name: scaleTargetRef.name },
    spec: {
      scaleTargetRef,
      minReplicas: roll(dice, 1, 2),
      maxReplicas: roll(dice, 2, 5),
      metrics: [{ type: "Resource" as const, resource: { name: "cpu", target } }],
      ...pick(dice, behaviors),
    },
  };
}

export function quotaOf(dice: Random) {
  return {
    hard: pick<Record<string, string>>(dice, [
      { pods: `${roll(dice, 2, 12)}` },
      { "requests.cpu": `${roll(dice, 2, 12)}0m`, services: "1" },
      { persistentvolumeclaims: "2", "count/jobs.batch": "2" },
      { "requests.storage": "6Gi", "services.loadbalancers": "1", "count/deployments.apps": "1" },
    ]),
  };
}

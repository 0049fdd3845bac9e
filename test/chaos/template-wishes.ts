/** Pods as users describe them: templates of those that run for ever, and of those that end. */

import type { Random } from "../../src/component/random.ts";
import { CPU_ANNOTATION } from "../../src/simulator/cpu-meter.ts";
import { pick, roll } from "./dice.ts";

export const TIERS = ["front", "back"] as const;
/** What each container asks for, and what it may really use of the processor. */
export const REQUEST = "10m";
const LOADS = ["2m", "5m", "9m"];

export const image = (dice: Random) => `web:${roll(dice, 1, 3)}`;
export const tier = (dice: Random) => pick(dice, TIERS);

export function templateOf(labels: Record<string, string>, dice: Random) {
  return {
    metadata: {
      labels: { ...labels, tier: tier(dice) },
      annotations: { [CPU_ANNOTATION]: pick(dice, LOADS) },
    },
    spec: podSpec(dice),
  };
}

export function podSpec(dice: Random) {
  const resources = { requests: { cpu: REQUEST } };
  return {
    terminationGracePeriodSeconds: pick(dice, [0, 1, 30]),
    containers: [{ name: "main", image: image(dice), resources }],
  };
}

/** A pod nobody made but the user; it may look like one of a controller's, which then adopts it. */
export function podOf(dice: Random) {
  if (dice.next() < 0.5) return userOf(pick(dice, ["claim-a", "claim-b"]), dice);
  const app = pick(dice, ["replicaset-a", "replicationcontroller-a", "nobody"]);
  const { metadata, spec } = templateOf({ app }, dice);
  return { metadata: { name: `pod-${app}`, ...metadata }, spec };
}

/** A pod that needs a claim; it may wait for ever, so nobody should count on it. */
function userOf(claimName: string, dice: Random) {
  const { metadata, spec } = templateOf({ app: "storage" }, dice);
  const [container] = spec.containers;
  const volumeMounts = [{ name: "data", mountPath: "/data" }];
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName } }];
  return {
    metadata: { name: `pod-${claimName}`, ...metadata },
    spec: { ...spec, containers: [{ ...container, volumeMounts }], volumes },
  };
}

/** A program that ends, well or badly, after some time. */
export function workOf(labels: Record<string, string>, dice: Random) {
  const { metadata, spec } = templateOf(labels, dice);
  const command = `sleep ${roll(dice, 0, 20)}; exit ${pick(dice, [0, 0, 0, 1])}`;
  const [container] = spec.containers;
  const containers = [{ ...container, image: "busybox:1", command: ["sh", "-c", command] }];
  return { metadata, spec: { ...spec, restartPolicy: "Never", containers } };
}

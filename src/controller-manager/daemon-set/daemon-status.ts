/**
 * What a daemon set says of itself: on how many nodes it should be, is, is ready, is up to date, and
 * on how many it is although it should not.
 *
 * In Kubernetes: updateDaemonSetStatus in pkg/controller/daemon/daemon_controller.go
 */
import { isDeepStrictEqual } from "node:util";
import type { DaemonSetStatus } from "kubernetes-types/apps/v1.js";
import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import type { Node } from "../../api/node.ts";
import { isPodAvailable, isPodReady } from "../../api/pod-status.ts";
import { isUpToDate } from "./daemon-pod.ts";
import { fitOf } from "./node-fit.ts";
import type { PodsByNode } from "./pods-by-node.ts";

export interface StatusView {
  nodes: Node[];
  podsOf: PodsByNode;
  hash: string;
  collisions: number;
  now: Date;
}

/** Of several pods on a node the oldest speaks for it. */
export function daemonStatus(set: DaemonSet, view: StatusView): DaemonSetStatus {
  const { nodes, podsOf, hash, collisions, now } = view;
  const should = nodes.filter((node) => fitOf(set, node).shouldRun);
  const shouldNot = nodes.filter((node) => !should.includes(node));
  const firstOf = ({ metadata }: Node) => podsOf.get(metadata.name)?.[0];
  const pods = should.map(firstOf).filter((pod) => pod !== undefined);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const available = pods.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length;
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: pods.length,
    numberMisscheduled: shouldNot.filter((node) => firstOf(node) !== undefined).length,
    desiredNumberScheduled: should.length,
    numberReady: pods.filter(isPodReady).length,
    ...unlessZero("observedGeneration", set.metadata.generation ?? 0),
    ...unlessZero(
      "updatedNumberScheduled",
      pods.filter((pod) => isUpToDate(pod, set, hash)).length,
    ),
    ...unlessZero("numberAvailable", available),
    ...unlessZero("numberUnavailable", should.length - available),
    ...unlessZero("collisionCount", collisions),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

export function isSameStatus(a: object | undefined, b: object): boolean {
  const counted = (status: object) =>
    Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0));
  return a !== undefined && isDeepStrictEqual(counted(a), counted(b));
}

function unlessZero<K extends string>(key: K, count: number): { [key in K]?: number } {
  return count === 0 ? {} : ({ [key]: count } as { [key in K]: number });
}

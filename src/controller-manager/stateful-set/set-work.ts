/**
 * The work of one sync of a stateful set: first every number gets its pod, then the numbers beyond the
 * last lose theirs from the top, and only when all that is done an update takes one old pod.
 *
 * Rule (OrderedReady): one thing at a time. A pod is made only when all before it are ready and
 * available, and nothing goes while something is not well. So an update to a pod that never becomes
 * ready waits for a human, as in the original. Parallel drops the order, but not the update's.
 *
 * In Kubernetes: updateStatefulSet in pkg/controller/statefulset/stateful_set_control.go
 */
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import type { Pod } from "../../api/pod.ts";
import { hasEnded } from "../../api/pod-status.ts";
import type { PodTemplate } from "../../api/replication-controller.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { inSlowStart } from "../pod-control.ts";
import { applyRetention, createClaims, hasStaleClaim } from "./claims.ts";
import { firstOrdinal, isInRange, ordinalOf, revisionOf } from "./identity.ts";
import { createMember, deleteMember, identify } from "./pod-actions.ts";
import { isAvailable, isHealthy, isRunningAndReady, isTerminating } from "./pod-health.ts";

/** A template, and the name of the revision that keeps it. */
export interface Version {
  name: string;
  template: PodTemplate;
}

export interface SetView {
  set: StatefulSet;
  pods: Pod[];
  /** What pods below the partition are made from. */
  current: Version;
  /** What the others are made from. */
  update: Version;
}

interface Slot {
  ordinal: number;
  pod?: Pod;
}

/** Whether the next may be looked at. */
type Outcome = "go on" | "wait";

export class SetWork {
  readonly #view: SetView;
  readonly #context: SyncContext;
  readonly #slots: Slot[];
  /** From the top. */
  readonly #condemned: { ordinal: number; pod: Pod }[];
  readonly #isOrdered: boolean;

  constructor(view: SetView, context: SyncContext) {
    const { set, pods } = view;
    this.#view = view;
    this.#context = context;
    this.#isOrdered = set.spec.podManagementPolicy !== "Parallel";
    const numbered = pods
      .map((pod) => ({ ordinal: ordinalOf(pod, set) ?? -1, pod }))
      .filter(({ ordinal }) => ordinal >= 0);
    this.#slots = Array.from({ length: set.spec.replicas ?? 1 }, (_, index) => {
      const ordinal = firstOrdinal(set) + index;
      return numbered.find((one) => one.ordinal === ordinal) ?? { ordinal };
    });
    this.#condemned = numbered
      .filter(({ ordinal }) => !isInRange(set, ordinal))
      .toSorted((a, b) => b.ordinal - a.ordinal);
  }

  async perform(): Promise<void> {
    const { set } = this.#view;
    const filled = await this.#eachOf(this.#slots, (slot) => this.#fill(slot));
    if (filled === "wait") return;
    for (const { ordinal, pod } of this.#condemned) {
      await applyRetention(set, ordinal, pod, this.#context);
    }
    const emptied = await this.#eachOf(this.#condemned, ({ pod }) => this.#dismiss(pod));
    if (emptied === "wait" || set.spec.updateStrategy?.type === "OnDelete") return;
    await this.#replaceOne();
  }

  /** One after the other as long as none has to be waited for, or all at once. */
  async #eachOf<T>(items: T[], act: (item: T) => Promise<Outcome>): Promise<Outcome> {
    if (this.#isOrdered) {
      for (const item of items) if ((await act(item)) === "wait") return "wait";
      return "go on";
    }
    const failure = await inSlowStart(items.length, async (index) => {
      await act(items[index]!);
    });
    if (failure !== undefined) throw failure;
    return "go on";
  }

  async #fill(slot: Slot): Promise<Outcome> {
    const { set } = this.#view;
    const { ordinal, pod } = slot;
    if (pod === undefined) return this.#create(ordinal);
    if (hasEnded(pod)) return this.#bury(pod);
    if (pod.status?.phase === "Pending") await createClaims(set, ordinal, this.#context);
    if (this.#isOrdered && !this.#isSettled(pod)) return "wait";
    await identify(set, ordinal, pod, this.#context);
    await applyRetention(set, ordinal, pod, this.#context);
    return "go on";
  }

  async #create(ordinal: number): Promise<Outcome> {
    const { set } = this.#view;
    if (hasStaleClaim(set, ordinal, this.#context)) return "wait";
    const { name, template } = this.#versionFor(ordinal);
    await createMember(set, ordinal, template, name, this.#context);
    return this.#isOrdered ? "wait" : "go on";
  }

  /** A pod that has ended makes room; its successor comes when it is gone. */
  async #bury(pod: Pod): Promise<Outcome> {
    const { set } = this.#view;
    if (isTerminating(pod)) return "wait";
    const { namespace, name } = set.metadata;
    const hasFailed = pod.status?.phase === "Failed";
    this.#context.events.event(
      set,
      hasFailed ? "Warning" : "Normal",
      hasFailed ? "RecreatingFailedPod" : "RecreatingTerminatedPod",
      `StatefulSet ${namespace}/${name} is recreating ${hasFailed ? "failed" : "terminated"} Pod ${pod.metadata.name}`,
    );
    await deleteMember(set, pod, this.#context);
    return "wait";
  }

  async #dismiss(pod: Pod): Promise<Outcome> {
    if (isTerminating(pod)) return this.#isOrdered ? "wait" : "go on";
    const mayGo = !this.#isOrdered || this.#isSettled(pod) || pod === this.#lowestUnhealthy();
    if (mayGo) await deleteMember(this.#view.set, pod, this.#context);
    return "wait";
  }

  /** Of the pods that are to go anyway, one that is not well may be the first. */
  #lowestUnhealthy(): Pod | undefined {
    return this.#condemned.findLast(({ pod }) => !isHealthy(pod))?.pod;
  }

  /** The highest pod of an old version goes, unless one above it is not well yet. */
  async #replaceOne(): Promise<void> {
    const { set, update } = this.#view;
    const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    for (const { pod } of this.#slots.slice(partition).reverse()) {
      if (pod === undefined) return;
      if (revisionOf(pod) !== update.name && !isTerminating(pod)) {
        return deleteMember(set, pod, this.#context);
      }
      if (!isHealthy(pod)) return;
    }
  }

  #versionFor(ordinal: number): Version {
    const { set, current, update } = this.#view;
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type !== "RollingUpdate") return update;
    const isBelow = ordinal < firstOrdinal(set) + (rollingUpdate?.partition ?? 0);
    return isBelow ? current : update;
  }

  #isSettled(pod: Pod): boolean {
    const { minReadySeconds = 0 } = this.#view.set.spec;
    if (isTerminating(pod) || !isRunningAndReady(pod)) return false;
    return isAvailable(pod, minReadySeconds, this.#context.clock.now());
  }
}

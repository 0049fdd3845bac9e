/**
 * The work of one sync: what every node wants (placement.ts), then one step of the update, each
 * carried out as soon as it is decided.
 *
 * In Kubernetes: manage, syncNodes and rollingUpdate in pkg/controller/daemon
 */
import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { Node } from "../../api/node.ts";
import type { Pod } from "../../api/pod.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import {
  createPod,
  deletePod,
  firstError,
  inSlowStart,
  isNamespaceTerminating,
} from "../pod-control.ts";
import { daemonPodFor } from "./daemon-pod.ts";
import type { FailedPods } from "./failed-pods.ts";
import { fitOf } from "./node-fit.ts";
import { wishOf } from "./placement.ts";
import { type PodsByNode, podsByNode } from "./pods-by-node.ts";
import { nextUpdateStep } from "./rolling-update.ts";

/** The most pods created or deleted in one step. */
const BURST = 250;

export interface DaemonView {
  set: DaemonSet;
  /** The pods that are the set's. */
  pods: Pod[];
  /** Of today's template. */
  hash: string;
  failedPods: FailedPods;
}

export class DaemonWork {
  readonly nodes: Node[];
  readonly podsOf: PodsByNode;
  readonly hash: string;
  /** When a failed pod that has to wait may be replaced. */
  againInMs: number | undefined;
  readonly #view: DaemonView;
  readonly #context: SyncContext;

  constructor(view: DaemonView, context: SyncContext) {
    this.#view = view;
    this.#context = context;
    this.hash = view.hash;
    this.podsOf = podsByNode(view.pods);
    this.nodes = context
      .cached(Node)
      .list()
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Gives back what went wrong first. */
  async perform(): Promise<Error | undefined> {
    const { doomed, needy } = this.#wishes();
    const failure = await this.#carryOut([...doomed, ...this.#strays()], needy);
    const { type } = this.#view.set.spec.updateStrategy ?? {};
    // The update looks at nodes as they were; it waits for a sync in which they are as they should be.
    const isBusy = doomed.length + needy.length > 0;
    if (failure !== undefined || isBusy || type !== "RollingUpdate") return failure;
    const step = nextUpdateStep(this.#updateView());
    return this.#carryOut(step.doomed, step.nodes);
  }

  #wishes(): { doomed: Pod[]; needy: string[] } {
    const { set } = this.#view;
    const now = this.#context.clock.now();
    const doomed: Pod[] = [];
    const needy: string[] = [];
    for (const node of this.nodes) {
      const { name } = node.metadata;
      const pods = this.podsOf.get(name) ?? [];
      const wish = wishOf(set, pods, fitOf(set, node), this.hash, now);
      if (wish.needsPod) needy.push(name);
      doomed.push(
        ...wish.surplus,
        ...this.#buried(wish.succeeded, name),
        ...this.#mended(wish.failed, name),
      );
    }
    return { doomed, needy };
  }

  #buried(succeeded: Pod[], node: string): Pod[] {
    for (const pod of succeeded) {
      const what = `Found succeeded daemon pod ${nameOf(pod)} on node ${node}, will try to delete it`;
      this.#context.events.event(this.#view.set, "Normal", "SucceededDaemonPod", what);
    }
    return succeeded;
  }

  /** The failed pods that may go now. */
  #mended(failed: Pod[], node: string): Pod[] {
    const { set, failedPods } = this.#view;
    const { namespace = "", name } = set.metadata;
    const key = `${namespace}/${name}/${node}`;
    return failed.filter((pod) => {
      const waitMs = failedPods.waitMs(key);
      if (waitMs > 0) {
        this.againInMs = Math.min(this.againInMs ?? waitMs, waitMs);
        return false;
      }
      failedPods.note(key);
      const what = `Found failed daemon pod ${nameOf(pod)} on node ${node}, will try to kill it`;
      this.#context.events.event(set, "Warning", "FailedDaemonPod", what);
      return true;
    });
  }

  get #nodeNames(): Set<string> {
    return new Set(this.nodes.map(({ metadata }) => metadata.name));
  }

  /** Pods never bound, meant for nodes that are there no longer. */
  #strays(): Pod[] {
    const names = this.#nodeNames;
    return [...this.podsOf]
      .filter(([node]) => !names.has(node))
      .flatMap(([, pods]) => pods.filter(({ spec }) => !spec.nodeName));
  }

  /** Nodes that are gone are not updated: a new pod for one of them could never be bound. */
  #updateView() {
    const { set, hash } = this.#view;
    const names = this.#nodeNames;
    const wanted = this.nodes.filter((node) => fitOf(set, node).shouldRun);
    const podsOf = new Map([...this.podsOf].filter(([node]) => names.has(node)));
    for (const { metadata } of wanted) podsOf.set(metadata.name, podsOf.get(metadata.name) ?? []);
    return { set, hash, podsOf, desired: wanted.length, now: this.#context.clock.now() };
  }

  async #carryOut(doomed: Pod[], nodes: string[]): Promise<Error | undefined> {
    const { set, hash } = this.#view;
    const created = nodes.slice(0, BURST);
    const failure = await inSlowStart(created.length, (index) =>
      createPod(set, daemonPodFor(set, created[index]!, hash), this.#context),
    );
    const going = doomed.slice(0, BURST);
    const second = await firstError(going.map((pod) => deletePod(set, pod, this.#context)));
    return (isNamespaceTerminating(failure) ? undefined : failure) ?? second;
  }
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/**
 * The node's lease: renewed every 10 s, good for 40 s. It is how the cluster knows that this kubelet
 * lives, at the cost of one small write.
 *
 * In Kubernetes: staging/src/k8s.io/component-helpers/apimachinery/lease/controller.go
 */
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { Lease } from "../../api/lease.ts";
import type { Node } from "../../api/node.ts";
import type { Client } from "../../client/client.ts";
import { type Clock, every, toApiMicroTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";

const NAMESPACE = "kube-node-lease";
const DURATION_SECONDS = 40;
const RENEW_MS = 10_000;

export interface NodeLeaseOptions {
  client: Client;
  clock: Clock;
  log: Log;
  nodeName: string;
  /** The node, once it is registered: the lease goes when it goes. */
  node(): Node | undefined;
  signal: AbortSignal;
}

export class NodeLease {
  readonly #options: NodeLeaseOptions;
  #lease: Lease | undefined;
  #isBusy = false;

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, signal } = this.#options;
    void this.renew();
    every(clock, RENEW_MS, signal, () => void this.renew());
  }

  /** Writes the lease anew. What fails is tried again at once, and then with the next renewal. */
  async renew(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (!(await this.#tryToRenew())) await this.#tryToRenew();
    this.#isBusy = false;
  }

  async #tryToRenew(): Promise<boolean> {
    try {
      this.#lease = this.#lease ? await this.#update(this.#lease) : await this.#ensure();
      return true;
    } catch (error) {
      this.#lease = undefined;
      const { log, signal } = this.#options;
      if (!signal.aborted) log.error("Failed to update lease, will retry", error);
      return false;
    }
  }

  #update(lease: Lease): Promise<Lease> {
    return this.#options.client.update(Lease, { ...lease, spec: this.#spec(lease.spec) });
  }

  async #ensure(): Promise<Lease> {
    const { client, nodeName, node } = this.#options;
    try {
      return await this.#update(await client.get(Lease, NAMESPACE, nodeName));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const uid = node()?.metadata.uid;
    const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: uid ?? "" };
    const metadata = { name: nodeName, ...(uid ? { ownerReferences: [owner] } : {}) };
    try {
      return await client.create(Lease, NAMESPACE, { metadata, spec: this.#spec({}) });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return client.get(Lease, NAMESPACE, nodeName);
    }
  }

  #spec(before: Lease["spec"]): Lease["spec"] {
    const { clock, nodeName } = this.#options;
    return {
      ...before,
      holderIdentity: nodeName,
      leaseDurationSeconds: DURATION_SECONDS,
      renewTime: toApiMicroTime(clock.now()),
    };
  }
}

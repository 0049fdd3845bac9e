/**
 * What a rolling update works with, and the few things it does to the cluster: read and change a controller,
 * scale it and wait until that is so.
 *
 * In Kubernetes: pkg/kubectl/scale.go, ControllerHasDesiredReplicas in pkg/client/unversioned/conditions.go
 */
import { isConflict, isNotFound } from "../../api/errors.ts";
import { ReplicationController } from "../../api/replication-controller.ts";
import type { Client } from "../../client/client.ts";
import { type Clock, sleep } from "../../component/clock.ts";

export interface SessionOptions {
  client: Client;
  namespace: string;
  clock: Clock;
  /** Takes one line, without its end. */
  print(line: string): void;
  /** Between two looks at whether something has come about. */
  pollMs: number;
  timeoutMs: number;
}

/** A sentence for the user: what stood in the way of the update. */
export class RollingUpdateError extends Error {
  override readonly name = "RollingUpdateError";
}

const CHANGE_ATTEMPTS = 20;

export class Session {
  readonly client: Client;
  readonly namespace: string;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly pollMs: number;
  readonly timeoutMs: number;

  constructor({ client, namespace, clock, print, pollMs, timeoutMs }: SessionOptions) {
    this.client = client;
    this.namespace = namespace;
    this.clock = clock;
    this.print = print;
    this.pollMs = pollMs;
    this.timeoutMs = timeoutMs;
  }

  get(name: string): Promise<ReplicationController> {
    return this.client.get(ReplicationController, this.namespace, name);
  }

  async find(name: string): Promise<ReplicationController | undefined> {
    try {
      return await this.get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Applies `change` to the newest state, and again if another was quicker. */
  async change(name: string, change: (rc: ReplicationController) => void) {
    for (let attempt = 1; ; attempt++) {
      const rc = await this.get(name);
      change(rc);
      try {
        return await this.client.update(ReplicationController, rc);
      } catch (error) {
        if (!isConflict(error) || attempt === CHANGE_ATTEMPTS) throw error;
      }
    }
  }

  /** Resolves when the controller has seen its new size and has as many pods. */
  async scale(name: string, replicas: number): Promise<ReplicationController> {
    await this.change(name, ({ spec }) => {
      spec.replicas = replicas;
    });
    return this.hasReplicas(name, `timed out waiting for ${JSON.stringify(name)} to be synced`);
  }

  async hasReplicas(name: string, otherwise = "timed out waiting for the condition") {
    let rc = await this.get(name);
    await this.until(otherwise, async () => {
      rc = await this.get(name);
      const { observedGeneration = 0, replicas } = rc.status ?? { replicas: 0 };
      return observedGeneration >= (rc.metadata.generation ?? 0) && replicas === rc.spec.replicas;
    });
    return rc;
  }

  async until(otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = this.clock.monotonicMs() + this.timeoutMs;
    while (!(await isSo())) {
      if (this.clock.monotonicMs() >= deadlineMs) throw new RollingUpdateError(otherwise);
      await sleep(this.clock, this.pollMs);
    }
  }
}

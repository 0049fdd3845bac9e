/** A cluster with the controllers of one case, and hands to make things in it and to see what became of them. */
import { isNotFound } from "../../../src/api/errors.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../../../src/api/kind.ts";
import type { Draft } from "../../../src/client/client.ts";
import type { ComponentContext } from "../../../src/client/control-loop.ts";
import { controllers } from "../../../src/controller-manager/controller-list.ts";
import type { ControllerManagerOptions } from "../../../src/controller-manager/controller-options.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";

// biome-ignore lint/suspicious/noExplicitAny: of whichever kind
type AnyDraft = Draft<any>;

export interface Subject {
  kind: Kind;
  namespace: string;
  name: string;
}

export interface AwkwardCase {
  /** By its name in the list of controllers. */
  controller: string;
  /** Others without which it has nothing to do, or leaves things behind. */
  also?: string[];
  options?: ControllerManagerOptions;
  /** What it looks after: deleted, and made again. */
  subject: Subject;
  /** What is there before, and stays. */
  prepare?(lab: Lab): Promise<void>;
  make(lab: Lab): Promise<unknown>;
  /** What becomes of it, without anything that differs from time to time. */
  result(lab: Lab): Promise<unknown>;
  expected: unknown;
  /** What is left six hours later, if that is something else. */
  hoursLater?: unknown;
  /** How long it takes by itself. */
  takesMs?: number;
  /** What it leaves behind when it is deleted as an orphanage, and takes back. */
  orphans?: Kind;
}

export class Lab {
  readonly cluster: Cluster;
  readonly subject: Subject;

  static async start({ controller, also = [], options = {}, subject }: AwkwardCase): Promise<Lab> {
    const starts = [controller, ...also].map((name) => {
      const entry = controllers.find((one) => one.name === name);
      if (entry === undefined) throw new Error(`there is no controller ${name}`);
      return async (context: ComponentContext) => {
        const running = await entry.start(context, options);
        if (running === undefined) throw new Error(`${name} lacks an option`);
        return running;
      };
    });
    return new Lab(await startCluster({ controllers: starts }), subject);
  }

  constructor(cluster: Cluster, subject: Subject) {
    this.cluster = cluster;
    this.subject = subject;
  }

  /** The subject itself, as the draft says. */
  make(draft: Omit<AnyDraft, "metadata"> & { metadata?: object }): Promise<unknown> {
    const { kind, namespace, name } = this.subject;
    return this.create(kind, namespace, { ...draft, metadata: { ...draft.metadata, name } });
  }

  create(kind: unknown, namespace: string, draft: AnyDraft): Promise<KubeObject> {
    return this.cluster.client.create(kind as Kind, namespace, draft);
  }

  async list<T extends KubeObject>(kind: Kind<T>): Promise<T[]> {
    return (await this.cluster.client.list(kind)).items;
  }

  async find<T extends KubeObject>(
    kind: Kind<T>,
    name = this.subject.name,
    namespace = this.subject.namespace,
  ): Promise<T | undefined> {
    const items = await this.list(kind);
    return items.find(
      ({ metadata }) => metadata.name === name && (metadata.namespace ?? "") === namespace,
    );
  }

  async names(kind: unknown): Promise<string[]> {
    return (await this.list(kind as Kind)).map(({ metadata }) => metadata.name).sort();
  }

  /** Of those the subject, as it is now, controls: how many. */
  async owned(kind: unknown): Promise<number> {
    return (await this.ownedUids(kind)).length;
  }

  async ownedUids(kind: unknown): Promise<string[]> {
    const uid = (await this.find(this.subject.kind))?.metadata.uid;
    const all = await this.list(kind as Kind);
    return all
      .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
      .map(({ metadata }) => metadata.uid ?? "")
      .sort();
  }

  async patchStatus(kind: unknown, namespace: string, name: string, status: object): Promise<void> {
    const options = { subresource: "status", type: "merge" } as const;
    await this.cluster.client.patch(kind as Kind, namespace, name, { status }, options);
  }

  async delete(propagationPolicy: "Background" | "Orphan" = "Background"): Promise<void> {
    const { kind, namespace, name } = this.subject;
    try {
      await this.cluster.client.delete(kind, namespace, name, { propagationPolicy });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  referenceTo({ kind, namespace: _, name }: Subject) {
    return { apiVersion: apiVersionOf(kind), kind: kind.kind, name };
  }
}

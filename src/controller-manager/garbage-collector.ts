/**
 * The garbage collector: deletes what has lost all its owners.
 *
 *   background   the owner goes at once, its dependents after it
 *   foreground   the owner stays, marked, until those that block its deletion have gone
 *   orphan       the dependents forget the owner, then it goes
 *
 * Rule: caches only say where to look. Before anything is deleted, the object and its owners are
 * read from the API server, and the deletion holds for that uid and that version alone.
 *
 * In Kubernetes: pkg/controller/garbagecollector/garbagecollector.go. Differs: one queue for both
 * kinds of attempts; kinds users declare are known from their definitions, not from discovery.
 */
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import { CustomResourceDefinition } from "../api/apiextensions/custom-resource-definition.ts";
import { isNotFound } from "../api/errors.ts";
import { Event } from "../api/event.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import type { Client } from "../client/client.ts";
import type { ComponentContext, RunningController } from "../client/control-loop.ts";
import type { Informer } from "../client/informer.ts";
import { Workers } from "../client/workers.ts";
import type { Log } from "../component/log.ts";
import { KnownKinds } from "./known-kinds.ts";
import {
  blockingDependentsOf,
  FOREGROUND,
  type GraphNode,
  isDeletingDependents,
  isOrphaning,
  ORPHAN,
  OwnerGraph,
} from "./owner-graph.ts";
import { dropOwners, readLive, removeFinalizer, unblockOwners } from "./owner-references.ts";

export interface GarbageCollectorOptions {
  workers?: number;
}

const NAME = "garbage-collector";
/** How many owners that are known to be gone are remembered. */
const MOST_ABSENT = 500;

export async function startGarbageCollector(
  context: ComponentContext,
  { workers: count = 20 }: GarbageCollectorOptions = {},
): Promise<RunningController> {
  const log = context.log.named(NAME);
  const collected = kinds.filter(isCollected);
  const informers = collected.map((kind) => context.informers.of(kind));
  const workers = new Workers({
    ...context,
    name: NAME,
    log,
    count,
    informerOf: (kind) =>
      isCollected(kind) && known.has(kind) ? context.informers.of(kind) : undefined,
    sync: (uid, client) => collector.attempt(uid, client),
  });
  const { queue } = workers;
  const known = new KnownKinds(context.informers.of(CustomResourceDefinition), {
    added: (kind) => follow(context.informers.of(kind)),
    removed: (kind) => {
      // Whatever of it nobody has seen go has gone with its kind.
      const left = context.informers.of(kind).list();
      context.informers.forget(kind);
      for (const obj of left) collector.removed(obj);
    },
  });
  const kindNamed = (apiVersion: string, name: string) => known.named(apiVersion, name);
  const collector = new GarbageCollector((uid) => queue.add(uid), kindNamed, log);
  const follow = (informer: Informer<KubeObject>) =>
    informer.onChange((obj, old) => {
      if (obj === undefined) collector.removed(old!);
      else collector.seen(informer.kind, obj);
    });
  for (const informer of informers) follow(informer);
  await workers.start(informers);
  return {
    name: NAME,
    queue,
    get idle() {
      return queue.idle;
    },
  };
}

/** Events own nothing, are owned by nobody, and are many. */
function isCollected(kind: Kind): boolean {
  return kind !== (Event as unknown as Kind) && (kind.verbs?.includes("watch") ?? true);
}

type KindNamed = (apiVersion: string, name: string) => Kind | undefined;

class GarbageCollector {
  readonly #graph: OwnerGraph;
  readonly #kindNamed: KindNamed;
  readonly #absent = new Set<string>();
  readonly #enqueue: (uid: string) => void;
  readonly #log: Log;

  constructor(enqueue: (uid: string) => void, kindNamed: KindNamed, log: Log) {
    this.#graph = new OwnerGraph(kindNamed);
    this.#kindNamed = kindNamed;
    this.#enqueue = enqueue;
    this.#log = log;
  }

  seen(kind: Kind, obj: KubeObject): void {
    const { node, newOwners } = this.#graph.put(kind, obj);
    for (const owner of newOwners) this.#enqueue(owner.identity.uid);
    const hasLostOwner = node.owners.some(({ uid }) => this.#absent.has(uid));
    const isLeaving = isDeletingDependents(node) || isOrphaning(node);
    const isOwnedByLeaving = this.#graph.ownersOf(node).some(isDeletingDependents);
    if (hasLostOwner || isLeaving || isOwnedByLeaving) this.#enqueue(node.identity.uid);
    if (isDeletingDependents(node)) this.#enqueueAll(node.dependents);
    this.#enqueueLeavingOwners(node);
  }

  removed({ metadata }: KubeObject): void {
    const { uid = "" } = metadata;
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    this.#enqueueLeavingOwners(node);
    this.#graph.remove(uid);
    if (node.dependents.size > 0) this.#rememberAbsent(uid);
    this.#enqueueAll(node.dependents);
  }

  /** Looks at one object, and does what is due. */
  async attempt(uid: string, client: Client): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    if (isOrphaning(node)) return this.#orphanDependents(node, client);
    if (node.isBeingDeleted && !isDeletingDependents(node)) return;
    if (node.identity.kind === undefined) {
      const { apiVersion, kindName } = node.identity;
      return this.#log.info("Owner of an unknown kind", { kind: `${apiVersion}, ${kindName}` }, 2);
    }
    const live = await readLive(client, node.identity);
    if (live === undefined) return this.#lost(node);
    if (node.isVirtual) return;
    if (isDeletingDependents(node)) return this.#finishForeground(node, client);
    await this.#collect(node, live, client);
  }

  /** Deletes `live` if none of its owners is left; else takes away the references to those gone. */
  async #collect(node: GraphNode, live: KubeObject, client: Client): Promise<void> {
    const references = live.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const { solid, dangling, waiting } = await this.#classify(references, node, client);
    if (solid.length > 0) {
      const useless = [...dangling, ...waiting];
      if (useless.length > 0) await dropOwners(client, node.identity, useless);
      return;
    }
    const holdsOthers = waiting.length > 0 && node.dependents.size > 0;
    if (holdsOthers) await this.#breakCircle(node, client);
    await this.#delete(live, node, holdsOthers ? "Foreground" : propagationOf(live), client);
  }

  /** Two owners deleted in the foreground may wait for each other: then nobody waits for this one. */
  async #breakCircle(node: GraphNode, client: Client): Promise<void> {
    const isCircle = [...node.dependents].some(isDeletingDependents);
    if (isCircle) await unblockOwners(client, node.identity, node.owners);
  }

  async #delete(
    { metadata }: KubeObject,
    { identity }: GraphNode,
    propagationPolicy: "Orphan" | "Foreground" | "Background",
    client: Client,
  ): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
    const { kind, namespace, name } = identity;
    this.#log.info("Deleting item", { kind: kind!.kind, object: `${namespace}/${name}` }, 2);
    try {
      await client.delete(kind!, namespace, name, { preconditions, propagationPolicy });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #classify(references: OwnerReference[], node: GraphNode, client: Client) {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of references) {
      const owner = await this.#ownerOf(reference, node, client);
      if (owner === "gone") dangling.push(reference);
      else if (owner === "unknown" || !isWaitingForDependents(owner)) solid.push(reference);
      else waiting.push(reference);
    }
    return { solid, dangling, waiting };
  }

  async #ownerOf(
    { apiVersion, kind: kindName, name, uid }: OwnerReference,
    { identity }: GraphNode,
    client: Client,
  ): Promise<KubeObject | "gone" | "unknown"> {
    if (this.#absent.has(uid)) return "gone";
    const kind = this.#kindNamed(apiVersion, kindName);
    // What can't be looked up can't be said to be gone; nor can an owner in no namespace at all.
    if (kind === undefined || (kind.namespaced && identity.namespace === "")) return "unknown";
    const namespace = kind.namespaced ? identity.namespace : "";
    const owner = await readLive(client, { kind, apiVersion, kindName, namespace, name, uid });
    if (owner !== undefined) return owner;
    this.#rememberAbsent(uid);
    return "gone";
  }

  /** In the foreground the owner goes last: when nobody blocks it, the finalizer is taken away. */
  async #finishForeground(node: GraphNode, client: Client): Promise<void> {
    const blocking = blockingDependentsOf(node);
    if (blocking.length === 0) return removeFinalizer(client, node.identity, FOREGROUND);
    this.#enqueueAll(blocking.filter((dependent) => !isDeletingDependents(dependent)));
  }

  async #orphanDependents(node: GraphNode, client: Client): Promise<void> {
    const reference = { uid: node.identity.uid } as OwnerReference;
    for (const { identity } of node.dependents) await dropOwners(client, identity, [reference]);
    await removeFinalizer(client, node.identity, ORPHAN);
  }

  /** The server says it is gone: so it is, whether or not a watch has told yet. */
  #lost(node: GraphNode): void {
    this.#rememberAbsent(node.identity.uid);
    this.#enqueueAll(node.dependents);
    if (node.isVirtual) this.#graph.remove(node.identity.uid);
  }

  #enqueueAll(nodes: Iterable<GraphNode>): void {
    for (const { identity } of nodes) this.#enqueue(identity.uid);
  }

  #enqueueLeavingOwners(node: GraphNode): void {
    this.#enqueueAll(this.#graph.ownersOf(node).filter(isDeletingDependents));
  }

  #rememberAbsent(uid: string): void {
    this.#absent.add(uid);
    if (this.#absent.size > MOST_ABSENT) this.#absent.delete(this.#absent.values().next().value!);
  }
}

function isWaitingForDependents({ metadata }: KubeObject): boolean {
  return Boolean(metadata.deletionTimestamp && metadata.finalizers?.includes(FOREGROUND));
}

/** How an object is deleted whose own deletion was asked for in some way before. */
function propagationOf({ metadata }: KubeObject): "Orphan" | "Foreground" | "Background" {
  if (metadata.finalizers?.includes(ORPHAN)) return "Orphan";
  return metadata.finalizers?.includes(FOREGROUND) ? "Foreground" : "Background";
}

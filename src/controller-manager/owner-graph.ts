/**
 * Who owns whom, over all kinds: the garbage collector's picture of the cluster.
 *
 * An owner that dependents name but nobody has seen yet is in the graph as a *virtual* node, until
 * it is seen, or a look at the API server shows that it is not there.
 *
 * In Kubernetes: pkg/controller/garbagecollector/graph.go, graph_builder.go.
 */
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import type { Kind, KubeObject } from "../api/kind.ts";

/** Where to find an object. Kind and namespace of a virtual node are as its dependents have it. */
export interface Identity {
  kind: Kind | undefined;
  apiVersion: string;
  kindName: string;
  namespace: string;
  name: string;
  uid: string;
}

export interface GraphNode {
  identity: Identity;
  owners: OwnerReference[];
  dependents: Set<GraphNode>;
  finalizers: string[];
  isBeingDeleted: boolean;
  isVirtual: boolean;
}

export const ORPHAN = "orphan";
export const FOREGROUND = "foregroundDeletion";

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #kindOf: (apiVersion: string, kind: string) => Kind | undefined;

  constructor(kindOf: (apiVersion: string, kind: string) => Kind | undefined) {
    this.#kindOf = kindOf;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Puts in what is seen of `obj`. Returns its node, and the virtual owners that came with it. */
  put(kind: Kind, obj: KubeObject): { node: GraphNode; newOwners: GraphNode[] } {
    const { uid = "", namespace = "", name, ownerReferences = [], finalizers = [] } = obj.metadata;
    const identity = {
      kind,
      apiVersion: obj.apiVersion,
      kindName: kind.kind,
      namespace,
      name,
      uid,
    };
    const node = this.#nodes.get(uid) ?? newNode(identity);
    this.#nodes.set(uid, node);
    this.#detach(node);
    node.identity = identity;
    node.isVirtual = false;
    node.owners = ownerReferences;
    node.finalizers = finalizers;
    node.isBeingDeleted = obj.metadata.deletionTimestamp !== undefined;
    return { node, newOwners: this.#attach(node) };
  }

  /** Takes out an object that is gone. It stays, as a virtual node, while others still name it. */
  remove(uid: string): GraphNode | undefined {
    const node = this.#nodes.get(uid);
    if (node === undefined) return undefined;
    this.#detach(node);
    node.owners = [];
    node.isVirtual = true;
    if (node.dependents.size === 0) this.#nodes.delete(uid);
    return node;
  }

  ownersOf(node: GraphNode): GraphNode[] {
    return node.owners.flatMap(({ uid }) => this.#nodes.get(uid) ?? []);
  }

  #attach(node: GraphNode): GraphNode[] {
    const created: GraphNode[] = [];
    for (const reference of node.owners) {
      let owner = this.#nodes.get(reference.uid);
      if (owner === undefined) {
        owner = { ...newNode(this.#identityOf(reference, node)), isVirtual: true };
        this.#nodes.set(reference.uid, owner);
        created.push(owner);
      }
      owner.dependents.add(node);
    }
    return created;
  }

  #detach(node: GraphNode): void {
    for (const owner of this.ownersOf(node)) {
      owner.dependents.delete(node);
      if (owner.isVirtual && owner.dependents.size === 0) this.#nodes.delete(owner.identity.uid);
    }
  }

  #identityOf({ apiVersion, kind: kindName, name, uid }: OwnerReference, dependent: GraphNode) {
    const kind = this.#kindOf(apiVersion, kindName);
    const namespace = kind?.namespaced ? dependent.identity.namespace : "";
    return { kind, apiVersion, kindName, namespace, name, uid };
  }
}

/** Deleted in the foreground: it waits until its dependents have gone. */
export function isDeletingDependents(node: GraphNode): boolean {
  return node.isBeingDeleted && node.finalizers.includes(FOREGROUND);
}

export function isOrphaning(node: GraphNode): boolean {
  return node.isBeingDeleted && node.finalizers.includes(ORPHAN);
}

/** Those that keep an owner deleted in the foreground from going. */
export function blockingDependentsOf(node: GraphNode): GraphNode[] {
  return [...node.dependents].filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === node.identity.uid && blockOwnerDeletion),
  );
}

function newNode(identity: Identity): GraphNode {
  return {
    identity,
    owners: [],
    dependents: new Set(),
    finalizers: [],
    isBeingDeleted: false,
    isVirtual: false,
  };
}

/**
 * What the scheduler knows of the cluster: every node, with the pods on it, those it has just
 * placed there included.
 *
 * A pod is *assumed* from the moment a node is chosen until its informer shows it there, so that
 * the next pod is not given the same room while the binding is on its way.
 *
 * In Kubernetes: pkg/scheduler/internal/cache/cache.go, node_tree.go
 * Differs: no snapshot is taken, as a cycle runs without interruption.
 */
import { groupBy, isEqual } from "lodash-es";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import { keyOf } from "../client/object-cache.ts";
import { Census } from "./census.ts";
import { NodeInfo } from "./node-info.ts";
import { PodInfo } from "./pod-info.ts";

export class NodeCache {
  /** The pods on all nodes, counted. */
  readonly census = new Census();
  readonly #nodes = new Map<string, NodeInfo>();
  /** Pod key -> the node it is counted on. */
  readonly #placed = new Map<string, string>();
  readonly #assumed = new Map<string, PodInfo>();
  /** Image name -> how many nodes have it. */
  readonly #imageNodes = new Map<string, number>();
  #inOrder: NodeInfo[] | undefined;

  /** All nodes, one of each zone in turn, so that the first ones looked at are spread as well. */
  nodes(): readonly NodeInfo[] {
    this.#inOrder ??= zoneByZone([...this.#nodes.values()].filter(({ node }) => node));
    return this.#inOrder;
  }

  /** By name, if it is there. */
  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node ? info : undefined;
  }

  /** On how many nodes an image is. */
  nodesWithImage(image: string): number {
    return this.#imageNodes.get(image) ?? 0;
  }

  setNode(node: Node): void {
    const info = this.#infoOf(node.metadata.name);
    const isSamePlace = info.node !== undefined && zoneOf(info.node) === zoneOf(node);
    if (!isSamePlace) this.#inOrder = undefined;
    this.#countImages(info, -1);
    this.#setNode(info, node);
    this.#countImages(info, 1);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#countImages(info, -1);
    this.#setNode(info, undefined);
    this.#inOrder = undefined;
    this.#dropIfEmpty(info);
  }

  /** A pod that is on a node, as the API server has it: what was assumed is thereby confirmed. */
  setPod(pod: Pod): void {
    const key = keyOf(pod.metadata);
    const there = this.#nodes.get(this.#placed.get(key) ?? "");
    const known = there?.pods.get(key);
    const info = new PodInfo(pod, known);
    this.#assumed.delete(key);
    const isConfirmed = known?.uid === info.uid && there?.name === pod.spec.nodeName;
    if (isConfirmed) this.#confirm(info, known!, there!);
    else this.#place(info, pod.spec.nodeName!);
  }

  /** Says whether the pod was on a node. */
  removePod(key: string): boolean {
    const wasPlaced = this.#placed.has(key);
    this.#assumed.delete(key);
    this.#unplace(key);
    return wasPlaced;
  }

  /** Counts a pod on a node before the API server has heard of it. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#assumed.set(pod.key, pod);
    this.#place(pod, nodeName);
  }

  /** Takes back what was assumed. Does nothing if it was confirmed, or replaced, since. */
  forget(pod: PodInfo): void {
    if (this.#assumed.get(pod.key) !== pod) return;
    this.#assumed.delete(pod.key);
    this.#unplace(pod.key);
  }

  isAssumed(key: string): boolean {
    return this.#assumed.has(key);
  }

  #place(pod: PodInfo, nodeName: string): void {
    this.#unplace(pod.key);
    const info = this.#infoOf(nodeName);
    info.addPod(pod);
    this.#placed.set(pod.key, nodeName);
    this.census.count(pod, info, 1);
  }

  #confirm(pod: PodInfo, known: PodInfo, there: NodeInfo): void {
    this.census.count(known, there, -1);
    there.confirmPod(pod);
    this.census.count(pod, there, 1);
  }

  #unplace(key: string): void {
    const info = this.#nodes.get(this.#placed.get(key) ?? "");
    const pod = info?.pods.get(key);
    if (!info || !pod) return;
    info.removePod(key);
    this.#placed.delete(key);
    this.census.count(pod, info, -1);
    this.#dropIfEmpty(info);
  }

  /** What is counted by labels is counted again where they change. */
  #setNode(info: NodeInfo, node: Node | undefined): void {
    const isRelabelled = !isEqual(info.labels, node?.metadata.labels ?? {});
    const { nodes } = this.census;
    if (info.node) nodes.add(info, -1);
    if (isRelabelled) for (const pod of info.pods.values()) this.census.count(pod, info, -1);
    info.setNode(node);
    if (isRelabelled) for (const pod of info.pods.values()) this.census.count(pod, info, 1);
    if (node) nodes.add(info, 1);
  }

  #infoOf(name: string): NodeInfo {
    const info = this.#nodes.get(name) ?? new NodeInfo(name);
    this.#nodes.set(name, info);
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (!info.node && info.pods.size === 0) this.#nodes.delete(info.name);
  }

  #countImages(info: NodeInfo, change: 1 | -1): void {
    for (const image of info.imageSizes.keys()) {
      const count = this.nodesWithImage(image) + change;
      if (count > 0) this.#imageNodes.set(image, count);
      else this.#imageNodes.delete(image);
    }
  }
}

function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels["topology.kubernetes.io/region"] ?? "";
  return `${region}:${labels["topology.kubernetes.io/zone"] ?? ""}`;
}

function zoneByZone(nodes: NodeInfo[]): NodeInfo[] {
  const zones = Object.values(groupBy(nodes, ({ node }) => zoneOf(node!)));
  if (zones.length === 1) return nodes;
  const longest = Math.max(0, ...zones.map((zone) => zone.length));
  const rounds = Array.from({ length: longest }, (_, round) => zones.map((zone) => zone[round]));
  return rounds.flat().filter((info) => info !== undefined);
}

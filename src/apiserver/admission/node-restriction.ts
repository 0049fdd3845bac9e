/**
 * NodeRestriction: a kubelet writes its own node, its own lease, and the pods bound to it, and makes no node
 * look like what it is not: its taints and the labels of others are not its to change.
 *
 * In Kubernetes: plugin/pkg/admission/noderestriction/admission.go
 */
import type { TokenRequest } from "../../api/authentication/token-request.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { Node } from "../../api/node.ts";
import { Pod } from "../../api/pod.ts";
import { claimsOf, configMapsOf, secretsOf } from "../../api/pod-references.ts";
import { nodeNameOf } from "../authorization/node-identity.ts";
import type { Registry } from "../registry.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { mayNodeSet } from "./node-labels.ts";
import { refusal } from "./refusal.ts";

interface Surroundings {
  registry(): Registry;
}

/** Why not; undefined: go on. */
type Answer = string | undefined;

const MIRROR = "kubernetes.io/config.mirror";
const LEASES = "kube-node-lease";

export function nodeRestriction({ registry }: Surroundings): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    async admit(request) {
      const node = nodeNameOf(request.user);
      if (node === undefined) return;
      const why =
        node === ""
          ? `could not determine node from user ${JSON.stringify(request.user.name)}`
          : await judge(node, request, registry());
      if (why !== undefined) throw refusal(request, why);
    },
  };
}

async function judge(node: string, request: AdmissionRequest, registry: Registry): Promise<Answer> {
  switch (`${request.kind.plural}.${request.kind.group}`) {
    case "pods.":
      return judgePod(node, request, registry);
    case "nodes.":
      return judgeNode(node, request);
    case "persistentvolumeclaims.":
      return request.subresource === "status" ? undefined : "may only update PVC status";
    case "serviceaccounts.":
      return request.subresource === "token" ? judgeToken(node, request, registry) : undefined;
    case "leases.coordination.k8s.io":
      return judgeLease(node, request);
    case "csinodes.storage.k8s.io":
      if (request.name === node) return undefined;
      return "can only access CSINode with the same name as the requesting node";
    default:
      return undefined;
  }
}

async function judgePod(node: string, request: AdmissionRequest, registry: Registry) {
  const { verb, subresource, object, oldObject } = request;
  const who = `node ${JSON.stringify(node)}`;
  if (subresource === "status") return judgePodStatus(who, node, request);
  if (subresource === "eviction") {
    const pod = await registry.get(Pod as unknown as Kind, request.namespace, request.name);
    if (nodeOf(pod) === node) return undefined;
    return `node ${node} can only evict pods with spec.nodeName set to itself`;
  }
  if (subresource !== "") {
    return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`;
  }
  if (verb === "delete") {
    if (nodeOf(oldObject) === node) return undefined;
    return `${who} can only delete pods with spec.nodeName set to itself`;
  }
  if (verb === "update") {
    return `unexpected operation "UPDATE", ${who} can only create and delete mirror pods`;
  }
  return judgeMirror(who, node, object as Pod, registry);
}

function judgePodStatus(who: string, node: string, request: AdmissionRequest): Answer {
  const { verb, object, oldObject } = request;
  if (verb !== "update") return `unexpected operation ${JSON.stringify(verb.toUpperCase())}`;
  if (nodeOf(oldObject) !== node) {
    return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  }
  const isSame = changedKeys(object?.metadata.labels, oldObject?.metadata.labels).length === 0;
  return isSame ? undefined : `${who} cannot update labels through pod status`;
}

/** The image of a static pod: bound to the node, owned by it, and naming nothing a node could then read. */
async function judgeMirror(who: string, node: string, pod: Pod, registry: Registry) {
  const { metadata, spec } = pod;
  if (metadata.annotations?.[MIRROR] === undefined) {
    return `pod does not have "${MIRROR}" annotation, ${who} can only create mirror pods`;
  }
  if (spec.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const why = await judgeOwner(who, node, pod, registry);
  if (why !== undefined) return why;
  if (spec.serviceAccountName) return `${who} can not create pods that reference a service account`;
  const names = (found: Iterable<string | undefined>) => [...found].some(Boolean);
  if (names(secretsOf(pod))) return `${who} can not create pods that reference secrets`;
  if (names(configMapsOf(pod))) return `${who} can not create pods that reference configmaps`;
  if (names(claimsOf(pod))) {
    return `${who} can not create pods that reference persistentvolumeclaims`;
  }
  return undefined;
}

async function judgeOwner(who: string, node: string, { metadata }: Pod, registry: Registry) {
  const owners = metadata.ownerReferences ?? [];
  const itself = `${who} can only create pods with an owner reference set to itself`;
  if (owners.length > 1) {
    return `${who} can only create pods with a single owner reference set to itself`;
  }
  const [owner] = owners;
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node) return itself;
  if (!owner.controller) {
    return `${who} can only create pods with a controller owner reference set to itself`;
  }
  if (owner.blockOwnerDeletion) {
    return `${who} must not set blockOwnerDeletion on an owner reference`;
  }
  const { uid } = (await registry.get(Node as unknown as Kind, "", node)).metadata;
  if (owner.uid === uid) return undefined;
  return `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

/** A node gets tokens for the pods that are on it, and for nothing else. */
async function judgeToken(node: string, request: AdmissionRequest, registry: Registry) {
  const { boundObjectRef: ref } = (request.object as TokenRequest).spec;
  if (ref?.apiVersion !== "v1" || ref.kind !== "Pod" || !ref.name) {
    return "node requested token not bound to a pod";
  }
  if (!ref.uid) return "node requested token with a pod binding without a uid";
  const pod = await registry.get(Pod as unknown as Kind, request.namespace, ref.name);
  if (pod.metadata.uid !== ref.uid) {
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  return nodeOf(pod) === node
    ? undefined
    : "node requested token bound to a pod scheduled on a different node";
}

function judgeNode(node: string, { verb, name, object, oldObject }: AdmissionRequest): Answer {
  const who = `node ${JSON.stringify(node)}`;
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`;
  if (object === undefined) return undefined;
  const { spec, metadata } = object as Node;
  const old = oldObject as Node | undefined;
  if (verb === "update" && taintsOf(spec) !== taintsOf(old?.spec)) {
    return `${who} is not allowed to modify taints`;
  }
  const changed = changedKeys(metadata.labels, old?.metadata.labels);
  const forbidden = changed.filter((key) => !mayNodeSet(key)).toSorted();
  if (forbidden.length === 0) return undefined;
  const list = forbidden.join(", ");
  return verb === "create"
    ? `${who} is not allowed to set the following labels: ${list}`
    : `is not allowed to modify labels: ${list}`;
}

function judgeLease(node: string, { namespace, name }: AdmissionRequest): Answer {
  if (namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
  if (name === node) return undefined;
  return "can only access node lease with the same name as the requesting node";
}

function nodeOf(object: KubeObject | undefined): string {
  return (object as Pod | undefined)?.spec.nodeName ?? "";
}

function taintsOf(spec: Node["spec"] | undefined): string {
  return JSON.stringify(spec?.taints ?? []);
}

function changedKeys(now: Record<string, string> = {}, old: Record<string, string> = {}): string[] {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return keys.filter((key) => now[key] !== old[key]);
}

/**
 * --authorization-mode=Node: a kubelet may do what kubelets do, but reads only the secrets, config maps, claims
 * and volumes its own pods name, and writes only its own lease. Who is no node is up to others.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/node/node_authorizer.go
 */
import type { PersistentVolume } from "../../api/persistent-volume.ts";
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { Pod } from "../../api/pod.ts";
import { claimsOf, configMapsOf, secretsOf, volumeSecretsOf } from "../../api/pod-references.ts";
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import {
  ALLOWED,
  type Attributes,
  type Authorizer,
  type Decision,
  NO_OPINION,
} from "../authorize.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { nodeRules } from "./default-roles.ts";
import { nodeNameOf } from "./node-identity.ts";
import type { NodePods } from "./node-pods.ts";
import type { PartialResolver } from "./resolve-rules.ts";
import { ruleAllows } from "./rule-match.ts";

/** Judges what a node asks of one resource; whether a name is its own is asked of `pods`. */
type Judge = (node: string, attributes: Attributes, of: Surroundings) => string | undefined;

interface Surroundings {
  pods: NodePods;
  cache: WatchCache;
}

const LEASES = "kube-node-lease";

export function nodeAuthorizer(of: Surroundings): Authorizer {
  const rules: readonly PolicyRule[] = nodeRules();
  return (user, attributes): Decision => {
    const node = nodeNameOf(user);
    if (node === undefined) return NO_OPINION;
    if (node === "") return refused(`unknown node for user ${JSON.stringify(user.name)}`);
    const { group, resource, isResourceRequest } = attributes;
    const judge = isResourceRequest ? JUDGES[`${resource}.${group}`] : undefined;
    if (judge === undefined) {
      return rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : NO_OPINION;
    }
    const why = judge(node, attributes, of);
    return why === undefined ? ALLOWED : refused(why);
  };
}

/** Nodes may do more than rules can say. */
export const rulesOfNodes: PartialResolver = (user) => {
  if (nodeNameOf(user) === undefined) return { rules: [] };
  const errors = ["node authorizer does not support user rule resolution"];
  return { rules: [], errors, isIncomplete: true };
};

function refused(reason: string): Decision {
  return { allowed: false, reason };
}

/** By "resource.group": why not, or undefined. */
const JUDGES: Record<string, Judge> = {
  "secrets.": reads((...asked) => byPods(secretsOf)(...asked) || byVolumes(...asked)),
  "configmaps.": reads(byPods(configMapsOf)),
  "persistentvolumeclaims.": (node, attributes, of) =>
    attributes.subresource === "status"
      ? writesStatus(node, attributes, of)
      : gets(byPods(claimsOf))(node, attributes, of),
  "persistentvolumes.": gets(isVolumeOf),
  "volumeattachments.storage.k8s.io": gets(isAttachmentOf),
  "serviceaccounts.": (node, { verb, name, subresource, namespace }, { pods }) => {
    if (verb !== "create" || name === "") {
      return "can only create tokens for individual service accounts";
    }
    if (subresource !== "token") return "can only create token subresource of serviceaccount";
    const isItsOwn = pods.of(node, namespace).some(({ spec }) => spec.serviceAccountName === name);
    return isItsOwn ? undefined : noRelation(node);
  },
  "leases.coordination.k8s.io": (node, { verb, namespace, name }) => {
    if (!["get", "create", "update", "patch", "delete"].includes(verb)) {
      return "can only get, create, update, patch, or delete a node lease";
    }
    if (namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
    if (verb === "create" || name === node) return undefined;
    return "can only access node lease with the same name as the requesting node";
  },
  "csinodes.storage.k8s.io": (node, { verb, subresource, name }) => {
    if (!["get", "create", "update", "patch", "delete"].includes(verb)) {
      return "can only get, create, update, patch, or delete a CSINode";
    }
    if (subresource !== "") return "cannot authorize CSINode subresources";
    if (verb === "create" || name === node) return undefined;
    return "can only access CSINode with the same name as the requesting node";
  },
};

type Relation = (node: string, attributes: Attributes, of: Surroundings) => boolean;

/** Named by a pod of the node, in the pod's namespace. */
function byPods(namesOf: (pod: Pod) => Iterable<string | undefined>): Relation {
  return (node, { namespace, name }, { pods }) =>
    pods.of(node, namespace).some((pod) => [...namesOf(pod)].includes(name));
}

function related(relation: Relation): Judge {
  return (node, attributes, of) => {
    if (attributes.name === "") return "No Object name found";
    return relation(node, attributes, of) ? undefined : noRelation(node);
  };
}

function reads(relation: Relation): Judge {
  return (node, attributes, of) => {
    const { verb, subresource, namespace } = attributes;
    if (!["get", "list", "watch"].includes(verb)) return "can only read resources of this type";
    if (subresource !== "") return "cannot read subresource";
    if (namespace === "") return "can only read namespaced object of this type";
    return related(relation)(node, attributes, of);
  };
}

function gets(relation: Relation): Judge {
  return (node, attributes, of) => {
    if (attributes.verb !== "get") return "can only get individual resources of this type";
    if (attributes.subresource !== "") return "cannot get subresource";
    return related(relation)(node, attributes, of);
  };
}

function writesStatus(node: string, attributes: Attributes, of: Surroundings) {
  const isWrite = attributes.verb === "update" || attributes.verb === "patch";
  if (!isWrite) return "can only get/update/patch this type";
  return related(byPods(claimsOf))(node, attributes, of);
}

function isVolumeOf(node: string, { name }: Attributes, { cache, pods }: Surroundings): boolean {
  const volume = volumeCalled(name, cache);
  return volume !== undefined && isUsed(volume, pods.of(node));
}

/** Named by a volume that a pod of the node uses. */
function byVolumes(node: string, { namespace, name }: Attributes, { cache, pods }: Surroundings) {
  const own = pods.of(node);
  const volumes = own.flatMap((pod) =>
    [...claimsOf(pod)].map((claim) => volumeOf(pod, claim, cache)),
  );
  return volumes.some(
    (volume) =>
      volume !== undefined &&
      isUsed(volume, own) &&
      [...volumeSecretsOf(volume)].some((one) => one.namespace === namespace && one.name === name),
  );
}

/** Bound to a claim that one of the pods names. */
function isUsed({ spec: { claimRef } }: PersistentVolume, pods: readonly Pod[]): boolean {
  if (claimRef?.name === undefined) return false;
  const inNamespace = pods.filter(({ metadata }) => metadata.namespace === claimRef.namespace);
  return inNamespace.some((pod) => [...claimsOf(pod)].includes(claimRef.name));
}

/** The volume a claim says it is bound to. */
function volumeOf({ metadata }: Pod, claim: string | undefined, cache: WatchCache) {
  const key = `/registry/persistentvolumeclaims/${metadata.namespace}/${claim}`;
  const { volumeName = "" } = (cache.find(key)?.object as PersistentVolumeClaim)?.spec ?? {};
  return volumeCalled(volumeName, cache);
}

function volumeCalled(name: string, cache: WatchCache): PersistentVolume | undefined {
  return cache.find(`/registry/persistentvolumes/${name}`)?.object as PersistentVolume | undefined;
}

function isAttachmentOf(node: string, { name }: Attributes, { cache }: Surroundings): boolean {
  const attachment = cache.find(`/registry/volumeattachments/${name}`)?.object;
  return (attachment?.spec as { nodeName?: string } | undefined)?.nodeName === node;
}

function noRelation(node: string): string {
  return `no relationship found between node '${node}' and this object`;
}

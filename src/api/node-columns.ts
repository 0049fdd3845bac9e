/**
 * The cells of `kubectl get nodes`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printNode)
 */
import { ageColumn, nameColumn } from "./columns.ts";
import type { Column } from "./kind.ts";
import type { Node } from "./node.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";
const ADDRESSES =
  "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/concepts/nodes/node/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).";

export const nodeColumns: Column<Node>[] = [
  nameColumn,
  { name: "Status", type: "string", description: "The status of the node", value: statusOf },
  { name: "Roles", type: "string", description: "The roles of the node", value: rolesOf },
  ageColumn,
  {
    name: "Version",
    type: "string",
    description: "Kubelet Version reported by the node.",
    value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? "",
  },
  {
    name: "Internal-IP",
    type: "string",
    priority: 1,
    description: ADDRESSES,
    value: (node) => addressOf(node, "InternalIP"),
  },
  {
    name: "External-IP",
    type: "string",
    priority: 1,
    description: ADDRESSES,
    value: (node) => addressOf(node, "ExternalIP"),
  },
  {
    name: "OS-Image",
    type: "string",
    priority: 1,
    description:
      "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).",
    value: ({ status }) => status?.nodeInfo?.osImage || "<unknown>",
  },
  {
    name: "Kernel-Version",
    type: "string",
    priority: 1,
    description: "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
    value: ({ status }) => status?.nodeInfo?.kernelVersion || "<unknown>",
  },
  {
    name: "Container-Runtime",
    type: "string",
    priority: 1,
    description:
      "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).",
    value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
  },
];

/** "Ready", "NotReady", "Unknown" where no kubelet has reported; and whether it is cordoned. */
function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const readiness = ready?.status === "True" ? "Ready" : "NotReady";
  const words = [ready === undefined ? "Unknown" : readiness];
  if (spec.unschedulable) words.push("SchedulingDisabled");
  return words.join(",");
}

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
    return key === ROLE_LABEL ? value : "";
  });
  const named = new Set(roles.filter((role) => role !== ""));
  return [...named].toSorted().join(",") || "<none>";
}

function addressOf({ status }: Node, kind: string): string {
  return status?.addresses?.find(({ type }) => type === kind)?.address || "<none>";
}

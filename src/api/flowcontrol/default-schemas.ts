/**
 * The FlowSchemas every cluster has: two that must be there as they are, and those that are suggested.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go
 */
import type {
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "kubernetes-types/flowcontrol/v1.js";
import type { FlowSchema } from "./flow-schema.ts";

const GET_AND_WRITE = ["get", "create", "update"];
const MANAGER = "system:kube-controller-manager";
const SCHEDULER = "system:kube-scheduler";
const LEASES = "coordination.k8s.io";

const user = (name: string): Subject => ({ kind: "User", user: { name } });
const group = (name: string): Subject => ({ kind: "Group", group: { name } });
const account = (name: string): Subject => ({
  kind: "ServiceAccount",
  serviceAccount: { name, namespace: "kube-system" },
});
const EVERYBODY = [group("system:unauthenticated"), group("system:authenticated")];
const NODES = [group("system:nodes")];

function everything(subjects: Subject[]): PolicyRulesWithSubjects {
  const all = ["*"];
  return {
    subjects,
    resourceRules: [
      { verbs: all, apiGroups: all, resources: all, clusterScope: true, namespaces: all },
    ],
    nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
  };
}

const resources = (
  verbs: string[],
  apiGroup: string,
  names: string[],
  where: Pick<ResourcePolicyRule, "namespaces" | "clusterScope"> = { namespaces: ["*"] },
): ResourcePolicyRule => ({ verbs, apiGroups: [apiGroup], resources: names, ...where });

function schema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: "ByUser" | "ByNamespace" | "",
  ...rules: PolicyRulesWithSubjects[]
): FlowSchema {
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(distinguisher !== "" && { distinguisherMethod: { type: distinguisher } }),
      rules,
    },
  };
}

export const MANDATORY_SCHEMAS: readonly FlowSchema[] = [
  schema("exempt", "exempt", 1, "", everything([group("system:masters")])),
  schema("catch-all", "catch-all", 10_000, "ByUser", everything(EVERYBODY)),
];

export const SUGGESTED_SCHEMAS: readonly FlowSchema[] = [
  schema("probes", "exempt", 2, "", {
    subjects: EVERYBODY,
    nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
  }),
  schema("system-leader-election", "leader-election", 100, "ByUser", {
    subjects: [user(MANAGER), user(SCHEDULER), account("*")],
    resourceRules: [resources(GET_AND_WRITE, LEASES, ["leases"])],
  }),
  schema("endpoint-controller", "workload-high", 150, "ByUser", {
    subjects: [
      user(MANAGER),
      account("endpoint-controller"),
      account("endpointslicemirroring-controller"),
    ],
    resourceRules: [resources(GET_AND_WRITE, "", ["endpoints"])],
  }),
  schema("workload-leader-election", "leader-election", 200, "ByUser", {
    subjects: [account("*")],
    resourceRules: [resources(GET_AND_WRITE, LEASES, ["leases"])],
  }),
  schema("system-node-high", "node-high", 400, "ByUser", {
    subjects: NODES,
    resourceRules: [
      resources(["*"], "", ["nodes", "nodes/status"], { namespaces: ["*"], clusterScope: true }),
      resources(["*"], LEASES, ["leases"]),
    ],
  }),
  schema("system-nodes", "system", 500, "ByUser", everything(NODES)),
  schema(
    "kube-controller-manager",
    "workload-high",
    800,
    "ByNamespace",
    everything([user(MANAGER)]),
  ),
  schema("kube-scheduler", "workload-high", 800, "ByNamespace", everything([user(SCHEDULER)])),
  schema(
    ...(["kube-system-service-accounts", "workload-high", 900, "ByNamespace"] as const),
    everything([account("*")]),
  ),
  schema(
    ...(["service-accounts", "workload-low", 9_000, "ByUser"] as const),
    everything([group("system:serviceaccounts")]),
  ),
  schema("global-default", "global-default", 9_900, "ByUser", everything(EVERYBODY)),
];

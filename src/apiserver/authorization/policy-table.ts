/**
 * Roles as a table, so that fifty of them can be read on a few pages:
 *
 *   system:node-proxier
 *     list,watch      core                services,endpoints
 *     create          core,events.k8s.io  events              a-name,another-name
 *     get             /version,/api/*
 *
 * A line that begins at the margin names a role, `!` after it a role it is gathered into. An indented one is a rule:
 * verbs, groups, resources, and names if it is about some only. "core" is the group without a name, "events" alone
 * is the rule about events that nearly all have, and read, write, all and change stand for the verbs they sum up.
 */
import { ClusterRole } from "../../api/rbac/cluster-role.ts";
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";

/** What the roles of the system are marked by. */
export const SYSTEM_META = {
  labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
  annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
};

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete", "deletecollection"];
const VERBS: Record<string, readonly string[]> = {
  read: READ,
  write: WRITE,
  all: [...READ, ...WRITE],
  change: [...READ, "update", "patch"],
};
const EVENTS = "create,update,patch core,events.k8s.io events";
const AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-";

export function clusterRolesOf(table: string): ClusterRole[] {
  const roles: ClusterRole[] = [];
  for (const line of table.split("\n").filter((one) => one.trim() !== "")) {
    if (line.startsWith(" ")) (roles.at(-1)!.rules as PolicyRule[]).push(ruleOf(line.trim()));
    else roles.push(clusterRole(line));
  }
  return roles;
}

function clusterRole(line: string): ClusterRole {
  const [name = "", into] = line.split("!").map((part) => part.trim());
  const { labels, annotations } = SYSTEM_META;
  const gathered = into === undefined ? {} : { [AGGREGATE + into]: "true" };
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: ClusterRole.kind,
    metadata: { name, labels: { ...labels, ...gathered }, annotations: { ...annotations } },
    rules: [],
  };
}

/** A role whose rules are those of the roles gathered into it. */
export function gatheringRole(name: string, into?: string): ClusterRole {
  const role = clusterRole(into === undefined ? name : `${name} ! ${into}`);
  delete role.rules;
  const matchLabels = { [AGGREGATE + name]: "true" };
  return { ...role, aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, rules: null };
}

export function ruleOf(line: string): PolicyRule {
  if (line === "events") return ruleOf(EVENTS);
  const [verbs = "", second = "", resources, names] = line.split(/\s+/);
  const rule = { verbs: verbsOf(verbs) };
  if (resources === undefined) return { ...rule, nonResourceURLs: listOf(second) };
  return {
    ...rule,
    apiGroups: listOf(second)
      .map((group) => (group === "core" ? "" : group))
      .toSorted(),
    resources: listOf(resources),
    ...(names === undefined ? {} : { resourceNames: listOf(names) }),
  };
}

function verbsOf(text: string): string[] {
  return listOf(text)
    .flatMap((verb) => VERBS[verb] ?? [verb])
    .toSorted();
}

function listOf(text: string): string[] {
  return text.split(",").toSorted();
}

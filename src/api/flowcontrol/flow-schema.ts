/**
 * A FlowSchema: which requests are of one priority level, and which of those are one flow. The first that fits, in
 * the order of matchingPrecedence, decides.
 *
 * In Kubernetes: pkg/registry/flowcontrol/flowschema/strategy.go, pkg/apis/flowcontrol/v1/defaults.go
 */
import type {
  FlowSchemaSpec,
  FlowSchemaStatus,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "kubernetes-types/flowcontrol/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { validateFlowSchema } from "./flow-schema-validation.ts";

export type { NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject };

export interface FlowSchema extends KubeObject {
  spec: FlowSchemaSpec;
  status?: FlowSchemaStatus;
}

/** The condition that says that the priority level is not there. */
export const DANGLING = "Dangling";

const DEFAULT_PRECEDENCE = 1_000;

const columns: Column<FlowSchema>[] = [
  nameColumn,
  {
    name: "PriorityLevel",
    type: "string",
    description:
      "`priorityLevelConfiguration` should reference a PriorityLevelConfiguration in the cluster. If the reference cannot be resolved, the FlowSchema will be ignored and marked as invalid in its status. Required.",
    value: ({ spec }) => spec.priorityLevelConfiguration.name,
  },
  {
    name: "MatchingPrecedence",
    type: "string",
    description:
      "`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.",
    value: ({ spec }) => spec.matchingPrecedence ?? 0,
  },
  {
    name: "DistinguisherMethod",
    type: "string",
    description:
      "`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.",
    value: ({ spec }) => spec.distinguisherMethod?.type ?? "<none>",
  },
  ageColumn,
  {
    name: "MissingPL",
    type: "string",
    description: "references a broken or non-existent PriorityLevelConfiguration",
    value: ({ status }) => status?.conditions?.find(({ type }) => type === DANGLING)?.status ?? "?",
  },
];

export const FlowSchema = defineKind<FlowSchema>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  namespaced: false,
  storagePrefix: "flowschemas",
  schema: "io.k8s.api.flowcontrol.v1.FlowSchema",
  hasStatus: true,
  hasGeneration: true,
  columns,
  setDefaults(schema) {
    schema.spec ??= {} as FlowSchemaSpec;
    schema.spec.priorityLevelConfiguration ??= { name: "" };
    schema.spec.matchingPrecedence ||= DEFAULT_PRECEDENCE;
    schema.status ??= {};
  },
  prepareForCreate(schema) {
    schema.metadata.generation = 1;
    schema.status = {};
  },
  validate: validateFlowSchema,
  example: {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    metadata: { name: "example" },
    spec: {
      priorityLevelConfiguration: { name: "workload-low" },
      matchingPrecedence: 8_000,
      distinguisherMethod: { type: "ByUser" },
      rules: [
        {
          subjects: [{ kind: "Group", group: { name: "students" } }],
          resourceRules: [
            { verbs: ["list"], apiGroups: [""], resources: ["pods"], namespaces: ["*"] },
          ],
        },
      ],
    },
  },
});

/**
 * A CustomResourceDefinition: a kind that a user declares. Once its names are accepted, the API server
 * serves it as any other kind; deleted, it takes all objects of its kind with it.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go.
 * Differs: selectable fields (alpha in 1.30) are refused.
 */
import type {
  CustomResourceDefinitionCondition as Condition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
  CustomResourceDefinitionVersion,
} from "kubernetes-types/apiextensions/v1.js";
import { nameColumn } from "../columns.ts";
import { defineKind, type KubeObject, type ObjectMeta } from "../kind.ts";
import { nameIsDns1123Subdomain } from "../names.ts";
import type { CustomSchema } from "./custom-schema.ts";
import { setDefinitionDefaults } from "./definition-defaults.ts";
import {
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from "./definition-validation.ts";
import { loadRules } from "./rules.ts";

export type { Condition, CustomResourceDefinitionNames };

export type DefinitionVersion = Omit<CustomResourceDefinitionVersion, "schema"> & {
  schema?: { openAPIV3Schema?: CustomSchema };
};

export interface CustomResourceDefinition extends KubeObject {
  metadata: ObjectMeta;
  spec: Omit<CustomResourceDefinitionSpec, "versions"> & { versions: DefinitionVersion[] };
  status?: Partial<CustomResourceDefinitionStatus>;
}

/** Held by this, a definition waits until the objects of its kind have gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

export const CustomResourceDefinition = defineKind<CustomResourceDefinition>({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  namespaced: false,
  storagePrefix: "apiextensions.k8s.io/customresourcedefinitions",
  schema: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  hasStatus: true,
  hasGeneration: true,
  takesBareFinalizers: true,
  needsResourceVersion: true,
  columns: [
    nameColumn,
    {
      name: "Created At",
      type: "date",
      description:
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
      value: ({ metadata }) => metadata.creationTimestamp ?? "<unknown>",
    },
  ],
  validateName: nameIsDns1123Subdomain,
  prepare: loadRules,
  setDefaults: setDefinitionDefaults,
  prepareForCreate(definition) {
    dropSelectableFields(definition);
    const storage = definition.spec.versions?.find((version) => version.storage);
    definition.status = { storedVersions: storage ? [storage.name] : [] };
  },
  prepareForUpdate(definition) {
    dropSelectableFields(definition);
    const { spec, status = {} } = definition;
    const { storedVersions = [] } = status;
    const added = (spec.versions ?? []).filter(
      ({ storage, name }) => storage && !storedVersions.includes(name),
    );
    if (added.length === 0) return;
    definition.status = {
      ...status,
      storedVersions: [...storedVersions, ...added.map(({ name }) => name)],
    };
  },
  prepareForDelete(definition, now) {
    const { metadata } = definition;
    const had = metadata.finalizers ?? [];
    if (!had.includes(CLEANUP_FINALIZER)) metadata.finalizers = [...had, CLEANUP_FINALIZER];
    setCondition(definition, {
      type: "Terminating",
      status: "True",
      lastTransitionTime: now,
      reason: "InstanceDeletionPending",
      message:
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    });
  },
  updatesAreJudgedAlone: true,
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatus,
  example: {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "examples.kubeling.test" },
    spec: {
      group: "kubeling.test",
      scope: "Namespaced",
      names: { plural: "examples", singular: "example", kind: "Example", listKind: "ExampleList" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object" } },
        },
      ],
    },
  },
});

/** Alpha in 1.30, where they are dropped unless a feature gate is on. */
function dropSelectableFields({ spec }: CustomResourceDefinition): void {
  for (const version of spec.versions ?? []) delete version.selectableFields;
}

export function conditionOf(
  { status }: CustomResourceDefinition,
  type: string,
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(definition: CustomResourceDefinition, type: string): boolean {
  return conditionOf(definition, type)?.status === "True";
}

/** Takes the place of the condition of its type. The time of its last change stays where its status does. */
export function setCondition(definition: CustomResourceDefinition, condition: Condition): void {
  const { conditions = [] } = definition.status ?? {};
  const old = conditions.find(({ type }) => type === condition.type);
  const time =
    old?.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  const next = { ...condition, ...(time === undefined ? {} : { lastTransitionTime: time }) };
  const others = old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
  definition.status = { ...definition.status, conditions: others };
}

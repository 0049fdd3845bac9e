/**
 * From a definition to a kind: the same declaration that other kinds have in a file, with hooks that read the
 * definition's schema. The registry, discovery and all others take it as any kind.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/{strategy,validator}.go
 */
import { isDeepStrictEqual } from "node:util";
import { type FieldError, invalidValue } from "../field-error.ts";
import { apiVersionOf, type CustomForm, defineKind, type Kind, type KubeObject } from "../kind.ts";
import { customColumns } from "./custom-columns.ts";
import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionNames,
  type DefinitionVersion,
  isTrue,
} from "./custom-resource-definition.ts";
import type { CustomSchema, Fields } from "./custom-schema.ts";
import { setCustomDefaults } from "./defaulting.ts";
import { prune } from "./pruning.ts";
import { hasRules, loadRules, rulesOf } from "./rules.ts";
import { scaleErrors, scaleStatusErrors } from "./scale-validation.ts";
import { schemaOfVersion } from "./schema-fields.ts";
import { validateFields } from "./value-validation.ts";

/** Makes objects of any version objects of `apiVersion`. They are of one definition. */
export type Convert = (
  objects: KubeObject[],
  apiVersion: string,
) => KubeObject[] | Promise<KubeObject[]>;

const PLAIN: CustomSchema = { type: "object" };
/** Until these are mended, rules might stumble over values they may rightly expect. */
const BLOCKING = [
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
];
const UNCHECKED =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** The versions that are served, each a kind; none while the names are not accepted. */
export function kindsOf(definition: CustomResourceDefinition, convert: Convert): Kind[] {
  if (!isTrue(definition, "Established")) return [];
  const served = definition.spec.versions.filter((version) => version.served);
  return served.map((version) => customKind(definition, version, convert));
}

/** One version as a kind, served or not. */
export function customKind(
  definition: CustomResourceDefinition,
  version: DefinitionVersion,
  convert: Convert,
): Kind {
  const { spec, metadata } = definition;
  const names = (definition.status?.acceptedNames ?? spec.names) as CustomResourceDefinitionNames;
  const schema = version.schema?.openAPIV3Schema ?? PLAIN;
  const { status, scale } = version.subresources ?? {};
  const isGoing = metadata.deletionTimestamp !== undefined;
  const identity = { group: spec.group, version: version.name, kind: names.kind };
  const apiVersion = apiVersionOf(identity);
  const judge = (obj: KubeObject, old?: KubeObject) => {
    const wrong = typeErrors(obj, identity.kind, apiVersion);
    return wrong.length > 0 ? wrong : judged(obj, schema, scaleErrors(obj, scale), old);
  };
  const judgeStatus = (obj: KubeObject, old: KubeObject) =>
    judged(obj, schema, scaleStatusErrors(obj, scale), old);
  return defineKind<KubeObject>({
    ...identity,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    ...(names.shortNames?.length ? { shortNames: names.shortNames } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    namespaced: spec.scope === "Namespaced",
    storagePrefix: `${spec.group}/${spec.names.plural}`,
    schema: "",
    isCustom: true,
    takesBareFinalizers: true,
    custom: customForm(definition, version, schema, apiVersion, convert),
    ...(version.deprecated
      ? { deprecationWarning: deprecation(version, apiVersion, names.kind) }
      : {}),
    ...(isGoing
      ? { verbs: ["delete", "deletecollection", "get", "list", "patch", "update", "watch"] }
      : {}),
    hasStatus: status !== undefined,
    hasGeneration: true,
    needsResourceVersion: true,
    ...(scale ? { scale } : {}),
    columns: customColumns(version.additionalPrinterColumns),
    ...(hasRules(schema) ? { prepare: loadRules } : {}),
    // None besides name and namespace.
    selectableFields: () => ({}),
    setDefaults: (obj) => setCustomDefaults(obj, schema),
    prepareForCreate(obj) {
      if (status !== undefined) delete obj.status;
    },
    prepareForStatusUpdate,
    validate: (obj) => judge(obj),
    validateUpdate: judge,
    validateStatusUpdate: judgeStatus,
    example: { apiVersion, kind: names.kind, metadata: { name: "example" } },
  });
}

function customForm(
  definition: CustomResourceDefinition,
  version: DefinitionVersion,
  schema: CustomSchema,
  apiVersion: string,
  convert: Convert,
): CustomForm {
  const { spec, metadata } = definition;
  const storage = spec.versions.find((one) => one.storage)!;
  const storedSchema = storage.schema?.openAPIV3Schema ?? PLAIN;
  const storedVersion = apiVersionOf({ group: spec.group, version: storage.name });
  const shaped = (obj: KubeObject, by: CustomSchema) => {
    prune(obj as unknown as Fields, by);
    return obj;
  };
  const read = (obj: KubeObject) => {
    setCustomDefaults(shaped(obj, schema), schema);
    return obj;
  };
  const fields = () => schemaOfVersion(definition, version.name);
  return {
    schema: () => schema,
    fields,
    prune: (obj) => prune(obj as unknown as Fields, schema),
    fromStored(objects) {
      const converted = convert(objects, apiVersion);
      return converted instanceof Promise
        ? converted.then((all) => all.map(read))
        : converted.map(read);
    },
    toStored(obj) {
      const converted = convert([obj], storedVersion);
      return converted instanceof Promise
        ? converted.then(([one]) => shaped(one!, storedSchema))
        : shaped(converted[0]!, storedSchema);
    },
    isSameGeneration: (obj, old) => isSameBut(obj, old, version.subresources?.status !== undefined),
    ...(metadata.deletionTimestamp === undefined
      ? {}
      : { whyNotCreated: "create not allowed while custom resource definition is terminating" }),
  };
}

/** Through /status nothing else is changed, not even labels. */
function prepareForStatusUpdate(obj: KubeObject, old: KubeObject): void {
  const { status, metadata } = obj;
  const { managedFields, resourceVersion } = metadata;
  for (const field of Object.keys(obj)) delete (obj as unknown as Fields)[field];
  Object.assign(obj, structuredClone(old));
  if (managedFields !== undefined) obj.metadata.managedFields = managedFields;
  if (resourceVersion !== undefined) obj.metadata.resourceVersion = resourceVersion;
  if (status === undefined) delete obj.status;
  else obj.status = status;
}

function isSameBut(obj: KubeObject, old: KubeObject, hasStatus: boolean): boolean {
  const rest = ({ metadata: _, apiVersion: __, status, ...others }: KubeObject) =>
    hasStatus ? others : { ...others, status };
  return isDeepStrictEqual(rest(obj), rest(old));
}

function typeErrors(obj: KubeObject, kind: string, apiVersion: string): FieldError[] {
  return [
    ...(obj.kind === kind ? [] : [invalidValue("kind", obj.kind, `must be ${kind}`)]),
    ...(obj.apiVersion === apiVersion
      ? []
      : [invalidValue("apiVersion", obj.apiVersion, `must be ${apiVersion}`)]),
  ];
}

function judged(
  obj: KubeObject,
  schema: CustomSchema,
  ofScale: FieldError[],
  old: KubeObject | undefined,
): FieldError[] {
  const errors = validateFields(obj, schema, old, ofScale);
  if (!hasRules(schema)) return errors;
  if (!errors.some(({ reason }) => BLOCKING.includes(reason))) {
    return [...errors, ...rulesOf().judge(obj, schema, old)];
  }
  return [...errors, invalidValue("<nil>", null, UNCHECKED)];
}

function deprecation(version: DefinitionVersion, apiVersion: string, kind: string): string {
  return version.deprecationWarning ?? `${apiVersion} ${kind} is deprecated`;
}

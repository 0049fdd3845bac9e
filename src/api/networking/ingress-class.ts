/**
 * An IngressClass: which controller carries out the ingresses that name it, and how it is configured.
 *
 * In Kubernetes: pkg/registry/networking/ingressclass/strategy.go, pkg/apis/networking/validation
 */
import type {
  IngressClassParametersReference,
  IngressClassSpec,
} from "kubernetes-types/networking/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from "../field-error.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { dns1123LabelErrors } from "../names.ts";
import { domainPathErrors } from "./domain-path.ts";
import { typedReferenceErrors } from "./typed-reference.ts";

export interface IngressClass extends KubeObject {
  spec: IngressClassSpec;
}

/** The one that ingresses without a class get has this annotation, and it says "true". */
export const DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class";

const MOST_CONTROLLER_CHARACTERS = 250;
const SCOPES = ["Cluster", "Namespace"];

const columns: Column<IngressClass>[] = [
  nameColumn,
  {
    name: "Controller",
    type: "string",
    description: "Controller that is responsible for handling this class",
    value: ({ spec }) => spec.controller ?? "",
  },
  {
    name: "Parameters",
    type: "string",
    description: "A reference to a resource with additional parameters",
    value: ({ spec: { parameters: of } }) =>
      of ? `${of.kind}${of.apiGroup === undefined ? "" : `.${of.apiGroup}`}/${of.name}` : "<none>",
  },
  ageColumn,
];

export const IngressClass = defineKind<IngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  namespaced: false,
  storagePrefix: "ingressclasses",
  schema: "io.k8s.api.networking.v1.IngressClass",
  hasGeneration: true,
  columns,
  setDefaults(ingressClass) {
    ingressClass.spec ??= {};
    const { parameters } = ingressClass.spec;
    if (parameters) parameters.scope ??= "Cluster";
  },
  validate: ({ spec }) => [
    ...controllerErrors(spec.controller ?? "", "spec.controller"),
    ...(spec.parameters ? parameterErrors(spec.parameters, "spec.parameters") : []),
  ],
  isChangeJudgedFirst: true,
  validateUpdate: ({ spec }, old) =>
    spec.controller === old.spec.controller
      ? []
      : [invalidValue("spec.controller", spec.controller ?? "", "field is immutable")],
  example: {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "example" },
    spec: { controller: "example.com/ingress" },
  },
});

function controllerErrors(controller: string, path: string): FieldError[] {
  if (controller.length > MOST_CONTROLLER_CHARACTERS) {
    return [tooLong(path, MOST_CONTROLLER_CHARACTERS), ...domainPathErrors(controller, path)];
  }
  return domainPathErrors(controller, path);
}

function parameterErrors(parameters: IngressClassParametersReference, path: string): FieldError[] {
  const { scope, namespace } = parameters;
  const errors = typedReferenceErrors(parameters, path);
  const at = `${path}.namespace`;
  if (scope === undefined) return [...errors, required(`${path}.scope`)];
  if (!SCOPES.includes(scope)) return [...errors, notSupported(`${path}.scope`, scope, SCOPES)];
  if (scope === "Cluster") {
    const why = "`parameters.scope` is set to 'Cluster'";
    return namespace === undefined ? errors : [...errors, forbidden(at, why)];
  }
  if (namespace === undefined) {
    return [...errors, required(at, "`parameters.scope` is set to 'Namespace'")];
  }
  const wrong = dns1123LabelErrors(namespace);
  return [...errors, ...wrong.map((error) => invalidValue(at, namespace, error))];
}

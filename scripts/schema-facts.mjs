/**
 * What TypeScript types cannot say about the Kubernetes API, as small tables for build-schemas.mjs:
 * where a package folder's types live in Kubernetes' OpenAPI, which numbers are not int32, which
 * strings are bytes, which names are not objects, and the fields whose names the types leave out.
 *
 * In Kubernetes: the `format` fields of api/openapi-spec/swagger.json.
 */

/** Package file (without `.d.ts`) -> the prefix of its types' names, where it is not `io.k8s.api.`. */
export const PREFIXES = {
  "api/resource": "io.k8s.apimachinery.pkg.api.resource",
  "meta/v1": "io.k8s.apimachinery.pkg.apis.meta.v1",
  runtime: "io.k8s.apimachinery.pkg.runtime",
  version: "io.k8s.apimachinery.pkg.version",
  "apiextensions/v1": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
};

const META = PREFIXES["meta/v1"];
const APIREGISTRATION = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1";

const APIEXTENSIONS = PREFIXES["apiextensions/v1"];

/** `number | string` in the package. */
export const INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
/** `JSON` in the package, which does not declare it. */
export const ANY_JSON = `${APIEXTENSIONS}.JSON`;

/** Types with a JSON form of their own: not the object or string that TypeScript shows. */
export const SPECIAL_TYPES = {
  [INT_OR_STRING]: "string/int-or-string",
  [ANY_JSON]: "any",
  [`${APIEXTENSIONS}.JSONSchemaPropsOrArray`]: "any",
  [`${APIEXTENSIONS}.JSONSchemaPropsOrBool`]: "any",
  [`${APIEXTENSIONS}.JSONSchemaPropsOrStringArray`]: "any",
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "string/quantity",
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "string/micro-time",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "string/date-time",
  "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
};

/** `field` or `Type.field` -> how it is written. Every other number of the API is an int32. */
export const NUMBERS = {
  activeDeadlineSeconds: "integer/int64",
  deletionGracePeriodSeconds: "integer/int64",
  "CertificateSigningRequestSpec.expirationSeconds": "integer/int32",
  expirationSeconds: "integer/int64",
  fsGroup: "integer/int64",
  generation: "integer/int64",
  gracePeriodSeconds: "integer/int64",
  int: "integer/int64",
  ints: "integer/int64",
  maxItems: "integer/int64",
  maxLength: "integer/int64",
  maxProperties: "integer/int64",
  maximum: "number/double",
  minItems: "integer/int64",
  minLength: "integer/int64",
  minProperties: "integer/int64",
  minimum: "number/double",
  multipleOf: "number/double",
  observedGeneration: "integer/int64",
  remainingItemCount: "integer/int64",
  "ControllerRevision.revision": "integer/int64",
  runAsGroup: "integer/int64",
  runAsUser: "integer/int64",
  seconds: "integer/int64",
  sizeBytes: "integer/int64",
  startingDeadlineSeconds: "integer/int64",
  supplementalGroups: "integer/int64",
  terminationGracePeriodSeconds: "integer/int64",
  tolerationSeconds: "integer/int64",
};

/** `Type.field` whose strings are base64 of bytes. */
export const BYTES = new Set([
  "CertificateSigningRequestSpec.request",
  "CertificateSigningRequestStatus.certificate",
  "ConfigMap.binaryData",
  "Secret.data",
  "WebhookClientConfig.caBundle",
]);

/** Their comments end where they say `*` and `/`, and the package has lost them. */
const RULE = { resources: "[]string", scope: "string" };

/** Fields the package leaves out, most because their names are no TypeScript identifiers. */
export const MISSING_FIELDS = {
  ...Object.fromEntries(
    ["v1", "v1beta1", "v1alpha1"].map((version) => [
      `io.k8s.api.admissionregistration.${version}.NamedRuleWithOperations`,
      RULE,
    ]),
  ),
  "io.k8s.api.admissionregistration.v1.RuleWithOperations": RULE,
  [`${APIEXTENSIONS}.JSONSchemaProps`]: {
    "x-kubernetes-embedded-resource": "boolean",
    "x-kubernetes-int-or-string": "boolean",
    "x-kubernetes-list-map-keys": "[]string",
    "x-kubernetes-list-type": "string",
    "x-kubernetes-map-type": "string",
    "x-kubernetes-preserve-unknown-fields": "boolean",
    "x-kubernetes-validations": `[]${APIEXTENSIONS}.ValidationRule`,
  },
};

/** Types the package leaves out: those of API services, which are the aggregator's. */
export const MISSING_TYPES = {
  [`${APIREGISTRATION}.APIService`]: {
    description:
      'APIService represents a server for a particular GroupVersion. Name must be "version.group".',
    properties: {
      apiVersion: "string",
      kind: "string",
      metadata: `${META}.ObjectMeta`,
      spec: `${APIREGISTRATION}.APIServiceSpec`,
      status: `${APIREGISTRATION}.APIServiceStatus`,
    },
    gvk: ["apiregistration.k8s.io/v1", "APIService"],
  },
  [`${APIREGISTRATION}.APIServiceSpec`]: {
    description:
      "APIServiceSpec says which server answers for a group and version, and where it is.",
    properties: {
      caBundle: "string/byte",
      group: "string",
      groupPriorityMinimum: "integer/int32",
      insecureSkipTLSVerify: "boolean",
      service: `${APIREGISTRATION}.ServiceReference`,
      version: "string",
      versionPriority: "integer/int32",
    },
    required: ["groupPriorityMinimum", "versionPriority"],
  },
  [`${APIREGISTRATION}.ServiceReference`]: {
    description: "ServiceReference holds a reference to a service of the cluster.",
    properties: { name: "string", namespace: "string", port: "integer/int32" },
  },
  [`${APIREGISTRATION}.APIServiceStatus`]: {
    description: "APIServiceStatus tells whether the server answers.",
    properties: { conditions: `[]${APIREGISTRATION}.APIServiceCondition` },
  },
  [`${APIREGISTRATION}.APIServiceCondition`]: {
    description: "APIServiceCondition describes the state of an APIService at a particular point.",
    properties: {
      lastTransitionTime: `${META}.Time`,
      message: "string",
      reason: "string",
      status: "string",
      type: "string",
    },
    required: ["type", "status"],
  },
};

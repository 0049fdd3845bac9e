/**
 * What admissionregistration and apiregistration refuse: pkg/apis/admissionregistration/validation,
 * staging/src/k8s.io/apiserver/pkg/util/webhook and kube-aggregator's validation. Where a row is of one
 * function, it is named.
 */
import type { ClaimsOfKind } from "../invalid-objects/claim.ts";
import { DNS_1035, LABEL_VALUE, QUALIFIED, SUBDOMAIN } from "../invalid-objects/words.ts";

const HOOK = "webhooks[0]";
const URL_FORM = "desired format: https://host[/path]";
const NAMED = { "metadata.name": "v1.aggregated.example.com" };
const CONSTRAINTS = "spec.matchConstraints";
const RULE = `${CONSTRAINTS}.resourceRules[0]`;
const rule = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] };
const service = { name: "a", namespace: "b" };
const atUrl = (url: string) => ({ [`${HOOK}.clientConfig`]: { url } });
const atService = (more: object) => ({
  [`${HOOK}.clientConfig`]: { service: { ...service, ...more } },
});
const resources = (...names: string[]) => ({ [`${HOOK}.rules`]: [{ ...rule, resources: names }] });

const webhooks: ClaimsOfKind[1] = [
  // ValidateWebhookURL
  [
    atUrl("hook.example.com"),
    [
      `${HOOK}.clientConfig.url: Invalid value: "": 'https' is the only allowed URL scheme; ${URL_FORM}`,
      `${HOOK}.clientConfig.url: Invalid value: "": host must be provided; ${URL_FORM}`,
    ],
  ],
  [
    atUrl("https:///path"),
    [`${HOOK}.clientConfig.url: Invalid value: "": host must be provided; ${URL_FORM}`],
  ],
  [
    atUrl("https://me:secret@a.example.com/?b=c#d"),
    [
      `${HOOK}.clientConfig.url: Invalid value: "me:secret": user information is not permitted in the URL`,
      `${HOOK}.clientConfig.url: Invalid value: "d": fragments are not permitted in the URL`,
      `${HOOK}.clientConfig.url: Invalid value: "b=c": query parameters are not permitted in the URL`,
    ],
  ],
  [
    atUrl("://a"),
    [
      `${HOOK}.clientConfig.url: Required value: url must be a valid URL: parse "://a": missing protocol scheme; ${URL_FORM}`,
    ],
  ],
  [
    atUrl("https://a.example.com:b/"),
    [
      `${HOOK}.clientConfig.url: Required value: url must be a valid URL: parse "https://a.example.com:b/": invalid port ":b" after host; ${URL_FORM}`,
    ],
  ],
  // ValidateWebhookService, which is given the name as namespace and the namespace as name
  [
    atService({ name: "" }),
    [`${HOOK}.clientConfig.service.namespace: Required value: service namespace is required`],
  ],
  [
    atService({ namespace: "" }),
    [`${HOOK}.clientConfig.service.name: Required value: service name is required`],
  ],
  [
    atService({ port: 65_536 }),
    [
      `${HOOK}.clientConfig.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive`,
    ],
  ],
  [
    atService({ path: "a/" }),
    [`${HOOK}.clientConfig.service.path: Invalid value: "a/": must start with a '/'`].concat(
      `${HOOK}.clientConfig.service.path: Invalid value: "a/": segment[0] may not be empty`,
    ),
  ],
  [
    atService({ path: "//" }),
    [`${HOOK}.clientConfig.service.path: Invalid value: "//": segment[0] may not be empty`],
  ],
  [
    atService({ path: "/a//No_1/" }),
    [
      `${HOOK}.clientConfig.service.path: Invalid value: "/a//No_1/": segment[1] may not be empty`,
      `${HOOK}.clientConfig.service.path: Invalid value: "/a//No_1/": segment[2]: ${SUBDOMAIN}`,
    ],
  ],
  [
    { [`${HOOK}.clientConfig.service`]: service },
    [`${HOOK}.clientConfig: Required value: exactly one of url or service is required`],
  ],
  // validateResources
  [resources(""), [`${HOOK}.rules[0].resources[0]: Required value`]],
  [
    resources("pods/*", "pods/status"),
    [
      `${HOOK}.rules[0].resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
    ],
  ],
  [
    resources("*/scale", "pods/scale"),
    [
      `${HOOK}.rules[0].resources[1]: Invalid value: "pods/scale": if '*/scale' is present, must not specify pods/scale`,
    ],
  ],
  [
    resources("*/*", "pods"),
    [
      `${HOOK}.rules[0].resources: Invalid value: []string{"*/*", "pods"}: if '*/*' is present, must not specify other resources`,
    ],
  ],
  [
    resources("*/*", "*/scale"),
    [
      `${HOOK}.rules[0].resources[1]: Invalid value: "*/scale": if '*/*' is present, must not specify */scale`,
      `${HOOK}.rules[0].resources: Invalid value: []string{"*/*", "*/scale"}: if '*/*' is present, must not specify other resources`,
    ],
  ],
  // validateRule
  [
    { [`${HOOK}.rules`]: [{ ...rule, apiVersions: ["v1", ""] }] },
    [`${HOOK}.rules[0].apiVersions[1]: Required value`],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, apiGroups: ["a", "*"] }] },
    [
      `${HOOK}.rules[0].apiGroups: Invalid value: []string{"a", "*"}: if '*' is present, must not specify other API groups`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{}] },
    [
      `${HOOK}.rules[0].operations: Required value`,
      `${HOOK}.rules[0].apiGroups: Required value`,
      `${HOOK}.rules[0].apiVersions: Required value`,
      `${HOOK}.rules[0].resources: Required value`,
    ],
  ],
  // validateAdmissionReviewVersions
  [
    { [`${HOOK}.admissionReviewVersions`]: ["v1", "v1"] },
    [`${HOOK}.admissionReviewVersions[1]: Invalid value: "v1": duplicate version`],
  ],
  [
    { [`${HOOK}.admissionReviewVersions`]: ["No_1", "v1"] },
    [`${HOOK}.admissionReviewVersions[0]: Invalid value: "No_1": ${DNS_1035}`],
  ],
  // IsFullyQualifiedName
  [{ [`${HOOK}.name`]: "No_1.b.c" }, [`${HOOK}.name: Invalid value: "No_1.b.c": ${SUBDOMAIN}`]],
  [
    { [`${HOOK}.timeoutSeconds`]: 0 },
    [
      `${HOOK}.timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds`,
    ],
  ],
  [
    { [`${HOOK}.namespaceSelector`]: { matchLabels: { a: "b c" } } },
    [`${HOOK}.namespaceSelector.matchLabels: Invalid value: "b c": ${LABEL_VALUE}`],
  ],
  [
    { [`${HOOK}.objectSelector`]: { matchExpressions: [{ key: "a", operator: "In" }] } },
    [
      `${HOOK}.objectSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    ],
  ],
  // validateMatchConditions
  [
    { [`${HOOK}.matchConditions`]: [{ name: "", expression: "" }] },
    [
      `${HOOK}.matchConditions[0].expression: Required value`,
      `${HOOK}.matchConditions[0].name: Required value`,
    ],
  ],
  [
    {
      [`${HOOK}.matchConditions`]: [
        { name: "a", expression: "true" },
        { name: "a", expression: " 1 " },
      ],
    },
    [
      `${HOOK}.matchConditions[1].expression: Invalid value: "1": must evaluate to bool`,
      `${HOOK}.matchConditions[1].name: Duplicate value: "a"`,
    ],
  ],
  [
    {
      [`${HOOK}.matchConditions`]: Array.from({ length: 65 }, (_, i) => ({
        name: `n${i}`,
        expression: "true",
      })),
    },
    [`${HOOK}.matchConditions: Too many: 65: must have at most 64 items`],
  ],
];

export const extensionRefusals: ClaimsOfKind[] = [
  [
    "ValidatingWebhookConfiguration",
    [
      ...webhooks,
      [
        {
          webhooks: [0, 1].map(() => ({
            name: "a.b.c",
            admissionReviewVersions: ["v1"],
            clientConfig: { service },
            sideEffects: "None",
          })),
        },
        ['webhooks[1].name: Duplicate value: "a.b.c"'],
      ],
    ],
  ],
  [
    "MutatingWebhookConfiguration",
    [
      ...webhooks,
      // validateMutatingWebhook: in this order
      [
        {
          [`${HOOK}.objectSelector`]: { matchLabels: { a: "b c" } },
          [`${HOOK}.reinvocationPolicy`]: "Odd",
          [`${HOOK}.clientConfig`]: {},
        },
        [
          `${HOOK}.objectSelector.matchLabels: Invalid value: "b c": ${LABEL_VALUE}`,
          `${HOOK}.reinvocationPolicy: Unsupported value: "Odd": supported values: "IfNeeded", "Never"`,
          `${HOOK}.clientConfig: Required value: exactly one of url or service is required`,
        ],
      ],
    ],
  ],
  [
    "ValidatingAdmissionPolicy",
    [
      // validateParamKind
      [
        { "spec.paramKind": {} },
        ["spec.paramKind.apiVersion: Required value", "spec.paramKind.kind: Required value"],
      ],
      [
        { "spec.paramKind": { apiVersion: "a/b/c", kind: "K" } },
        [
          'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        ],
      ],
      [
        { "spec.paramKind": { apiVersion: "No_1/No_2", kind: "K_1" } },
        [
          `spec.paramKind.apiVersion: Invalid value: "No_1": ${SUBDOMAIN}`,
          `spec.paramKind.apiVersion: Invalid value: "No_2": ${DNS_1035}`,
          `spec.paramKind.kind: Invalid value: "K_1": may have mixed case, but should otherwise match: ${DNS_1035}`,
        ],
      ],
      [
        { "spec.paramKind": { apiVersion: "a.b/", kind: "K" } },
        ['spec.paramKind.apiVersion: Invalid value: "a.b/": version must be specified'],
      ],
      // validateMatchResources, validateNamedRuleWithOperations
      [
        { [`${CONSTRAINTS}.matchPolicy`]: "Odd" },
        [
          `${CONSTRAINTS}.matchPolicy: Unsupported value: "Odd": supported values: "Equivalent", "Exact"`,
        ],
      ],
      [
        { [`${RULE}.resourceNames`]: ["a/b", "a/b"] },
        [
          `${RULE}.resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
          `${RULE}.resourceNames[1]: Invalid value: "a/b": may not contain '/'`,
          `${RULE}.resourceNames[1]: Duplicate value: "a/b"`,
        ],
      ],
      [
        { [`${CONSTRAINTS}.excludeResourceRules`]: [{ ...rule, operations: [] }] },
        [`${CONSTRAINTS}.excludeResourceRules[0].operations: Required value`],
      ],
      // validateVariable
      [
        { "spec.variables": [{ name: " ", expression: " " }] },
        [
          "spec.variables[0].name: Required value: name is not specified",
          "spec.variables[0].expression: Required value: expression is not specified",
        ],
      ],
      [
        { "spec.variables": [{ name: "a-b", expression: "1" }] },
        ['spec.variables[0].name: Invalid value: "a-b": name is not a valid CEL identifier'],
      ],
      [
        { "spec.variables": [{ name: "namespace", expression: "1" }] },
        ['spec.variables[0].name: Invalid value: "namespace": name is not a valid CEL identifier'],
      ],
      // validateValidation
      [
        { "spec.validations[0].reason": "Unauthorized" },
        [
          'spec.validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
        ],
      ],
      [
        { "spec.validations[0].message": " " },
        ['spec.validations[0].message: Invalid value: " ": message must be non-empty if specified'],
      ],
      [
        { "spec.validations[0].message": "a\nb" },
        [
          'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
        ],
      ],
      [
        { "spec.validations[0].messageExpression": " " },
        [
          'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        ],
      ],
      [
        { "spec.validations[0].messageExpression": "1 + 1" },
        ['spec.validations[0].messageExpression: Invalid value: "1 + 1": must evaluate to string'],
      ],
      [
        { "spec.validations[0].expression": "object.spec.isGood" },
        [
          'spec.validations[0].expression: Invalid value: "object.spec.isGood": must evaluate to bool',
        ],
      ],
      // validateAuditAnnotation
      [
        { "spec.auditAnnotations": [{ key: "a b", valueExpression: "'a'" }] },
        [`spec.auditAnnotations[0].key: Invalid value: "bad/a b": ${QUALIFIED}`],
      ],
      [
        {
          "spec.auditAnnotations": [
            { key: "a", valueExpression: "'a'" },
            { key: "a", valueExpression: "" },
          ],
        },
        [
          "spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified",
          'spec.auditAnnotations[1].key: Duplicate value: "a"',
        ],
      ],
      [
        { "spec.auditAnnotations": [{ key: "a", valueExpression: "1" }] },
        [
          'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type]',
        ],
      ],
      [
        { "spec.auditAnnotations": [{ key: "a", valueExpression: `'${"a".repeat(5 * 1024)}'` }] },
        [
          "spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length",
        ],
      ],
    ],
  ],
  [
    "ValidatingAdmissionPolicyBinding",
    [
      [{ "spec.policyName": "No_1" }, [`spec.policyName: Invalid value: "No_1": ${SUBDOMAIN}`]],
      // validateParamRef
      [
        { "spec.paramRef": { name: "a/b" } },
        ["spec.paramRef.name: Invalid value: \"a/b\": may not contain '/'"],
      ],
      [
        { "spec.paramRef": {} },
        ["spec.paramRef: Required value: one of name or selector must be specified"],
      ],
      [
        { "spec.paramRef": { name: "a", selector: { matchLabels: { a: "b c" } } } },
        [
          "spec.paramRef.name: Forbidden: name and selector are mutually exclusive",
          `spec.paramRef.selector.matchLabels: Invalid value: "b c": ${LABEL_VALUE}`,
          "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
        ],
      ],
      [
        { "spec.paramRef": { name: "a", parameterNotFoundAction: "Odd" } },
        [
          'spec.paramRef.parameterNotFoundAction: Unsupported value: "Odd": supported values: "Deny", "Allow"',
        ],
      ],
      // validateValidationActions
      [
        { "spec.validationActions": ["Deny", "Warn"] },
        [
          'spec.validationActions: Invalid value: []admissionregistration.ValidationAction{"Deny", "Warn"}: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
        ],
      ],
      [
        { "spec.validationActions": ["Odd", "Odd"] },
        [
          'spec.validationActions[0]: Unsupported value: "Odd": supported values: "Audit", "Deny", "Warn"',
          'spec.validationActions[1]: Unsupported value: "Odd": supported values: "Audit", "Deny", "Warn"',
          'spec.validationActions[1]: Duplicate value: "Odd"',
        ],
      ],
      // validateValidatingAdmissionPolicyBindingSpec: the path as it is spelled there
      [
        { "spec.matchResources": { matchPolicy: "Odd" } },
        [
          'spec.matchResouces.matchPolicy: Unsupported value: "Odd": supported values: "Equivalent", "Exact"',
        ],
      ],
    ],
  ],
  [
    "APIService",
    [
      // ValidateAPIService
      [
        {},
        [
          'metadata.name: Invalid value: "bad": must be `spec.version+"."+spec.group`: "v1.aggregated.example.com"',
        ],
      ],
      [{ "metadata.name": "a%b" }, ["metadata.name: Invalid value: \"a%b\": may not contain '%'"]],
      [
        { "spec.group": "", "spec.version": "v2", "metadata.name": "v2." },
        [
          "spec.group: Required value: only v1 may have an empty group and it better be legacy kube",
        ],
      ],
      [
        { "spec.group": "No_1", "metadata.name": "v1.No_1" },
        [`spec.group: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        { "spec.version": "1", "metadata.name": "1.aggregated.example.com" },
        [`spec.version: Invalid value: "1": ${DNS_1035}`],
      ],
      [
        { ...NAMED, "spec.groupPriorityMinimum": 20_001, "spec.versionPriority": 0 },
        [
          "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
          "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
        ],
      ],
      [{ ...NAMED, "spec.service.namespace": "" }, ["spec.service.namespace: Required value"]],
      [
        { ...NAMED, "spec.service": undefined, "spec.caBundle": "YWJj" },
        ['spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle'],
      ],
      [
        { ...NAMED, "spec.service": undefined, "spec.insecureSkipTLSVerify": true },
        [
          "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
        ],
      ],
      [
        { ...NAMED, "spec.caBundle": "YWJj", "spec.insecureSkipTLSVerify": true },
        ["spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present"],
      ],
    ],
  ],
];

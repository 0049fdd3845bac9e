/** What admissionregistration, apiregistration and apiextensions refuse. */
import type { ClaimsOfKind } from "./claim.ts";

const HOOK = "webhooks[0]";
const rule = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] };

const webhooks: ClaimsOfKind[1] = [
  [{ [`${HOOK}.name`]: "" }, [`${HOOK}.name: Required value`]],
  [
    { [`${HOOK}.name`]: "short" },
    [
      `${HOOK}.name: Invalid value: "short": should be a domain with at least three segments separated by dots`,
    ],
  ],
  [
    { [`${HOOK}.sideEffects`]: undefined },
    [`${HOOK}.sideEffects: Required value: must specify one of None, NoneOnDryRun`],
  ],
  [
    { [`${HOOK}.sideEffects`]: "Some" },
    [`${HOOK}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`],
  ],
  [
    { [`${HOOK}.admissionReviewVersions`]: [] },
    [`${HOOK}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`],
  ],
  [
    { [`${HOOK}.admissionReviewVersions`]: ["v9"] },
    [
      `${HOOK}.admissionReviewVersions: Invalid value: []string{"v9"}: must include at least one of v1, v1beta1`,
    ],
  ],
  [
    { [`${HOOK}.clientConfig`]: {} },
    [`${HOOK}.clientConfig: Required value: exactly one of url or service is required`],
  ],
  [
    { [`${HOOK}.clientConfig.url`]: "http://a.example.com/" },
    [
      `${HOOK}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    ],
  ],
  [
    { [`${HOOK}.failurePolicy`]: "Odd" },
    [`${HOOK}.failurePolicy: Unsupported value: "Odd": supported values: "Fail", "Ignore"`],
  ],
  [
    { [`${HOOK}.matchPolicy`]: "Odd" },
    [`${HOOK}.matchPolicy: Unsupported value: "Odd": supported values: "Equivalent", "Exact"`],
  ],
  [
    { [`${HOOK}.timeoutSeconds`]: 31 },
    [
      `${HOOK}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, operations: [] }] },
    [`${HOOK}.rules[0].operations: Required value`],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, operations: ["*", "CREATE"] }] },
    [
      `${HOOK}.rules[0].operations: Invalid value: []admissionregistration.OperationType{"*", "CREATE"}: if '*' is present, must not specify other operations`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, operations: ["ODD"] }] },
    [
      `${HOOK}.rules[0].operations[0]: Unsupported value: "ODD": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, apiGroups: [] }] },
    [`${HOOK}.rules[0].apiGroups: Required value`],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, apiVersions: ["*", "v1"] }] },
    [
      `${HOOK}.rules[0].apiVersions: Invalid value: []string{"*", "v1"}: if '*' is present, must not specify other API versions`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, resources: [] }] },
    [`${HOOK}.rules[0].resources: Required value`],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, resources: ["*", "pods"] }] },
    [
      `${HOOK}.rules[0].resources: Invalid value: []string{"*", "pods"}: if '*' is present, must not specify other resources without subresources`,
    ],
  ],
  [
    { [`${HOOK}.rules`]: [{ ...rule, scope: "Odd" }] },
    [
      `${HOOK}.rules[0].scope: Unsupported value: "Odd": supported values: "*", "Cluster", "Namespaced"`,
    ],
  ],
];

export const extensionClaims: ClaimsOfKind[] = [
  ["ValidatingWebhookConfiguration", webhooks],
  [
    "MutatingWebhookConfiguration",
    [
      ...webhooks,
      [
        { [`${HOOK}.reinvocationPolicy`]: "Odd" },
        [
          `${HOOK}.reinvocationPolicy: Unsupported value: "Odd": supported values: "IfNeeded", "Never"`,
        ],
      ],
    ],
  ],
  [
    "ValidatingAdmissionPolicy",
    [
      [{ "spec.matchConstraints": undefined }, ["spec.matchConstraints: Required value"]],
      [
        { "spec.matchConstraints.resourceRules": [] },
        ["spec.matchConstraints.resourceRules: Required value"],
      ],
      [
        { "spec.validations": [] },
        [
          "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
          "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
        ],
      ],
      [
        { "spec.validations[0].expression": "" },
        ["spec.validations[0].expression: Required value: expression is not specified"],
      ],
      [
        { "spec.failurePolicy": "Odd" },
        ['spec.failurePolicy: Unsupported value: "Odd": supported values: "Fail", "Ignore"'],
      ],
    ],
  ],
  [
    "ValidatingAdmissionPolicyBinding",
    [
      [{ "spec.policyName": "" }, ["spec.policyName: Required value"]],
      [
        { "spec.validationActions": [] },
        ["spec.validationActions: Required value: at least one validation action is required"],
      ],
      [
        { "spec.validationActions": ["Odd"] },
        [
          'spec.validationActions[0]: Unsupported value: "Odd": supported values: "Audit", "Deny", "Warn"',
        ],
      ],
      [
        { "spec.validationActions": ["Deny", "Deny"] },
        ['spec.validationActions[1]: Duplicate value: "Deny"'],
      ],
    ],
  ],
  [
    "APIService",
    [
      [
        { "spec.groupPriorityMinimum": 0, "metadata.name": "v1.aggregated.example.com" },
        ["spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000"],
      ],
      [
        { "spec.versionPriority": 1001, "metadata.name": "v1.aggregated.example.com" },
        ["spec.versionPriority: Invalid value: 1001: must be positive and less than 1000"],
      ],
      [
        { "spec.service.name": "", "metadata.name": "v1.aggregated.example.com" },
        ["spec.service.name: Required value"],
      ],
      [
        { "spec.service.port": 65_536, "metadata.name": "v1.aggregated.example.com" },
        [
          "spec.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive",
        ],
      ],
    ],
  ],
  [
    "CustomResourceDefinition",
    [
      [{}, ['metadata.name: Invalid value: "bad": must be spec.names.plural+"."+spec.group']],
      [
        { "spec.scope": "Odd", "metadata.name": "examples.kubeling.test" },
        ['spec.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespaced"'],
      ],
      [
        { "spec.names.shortNames": ["No_1"], "metadata.name": "examples.kubeling.test" },
        [
          "spec.names.shortNames[0]: Invalid value: \"No_1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
        ],
      ],
    ],
  ],
];

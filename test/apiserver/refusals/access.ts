/**
 * What pkg/apis/rbac/validation, certificates, authentication and authorization refuse. Where a row is of one
 * function, it is named.
 */
import type { ClaimsOfKind } from "../invalid-objects/claim.ts";
import { LABEL, LABEL_VALUE, QUALIFIED, SUBDOMAIN } from "../invalid-objects/words.ts";

const EITHER = "rules cannot apply to both regular resources and non-resource URLs";
const NO_URLS = "namespaced rules cannot apply to non-resource URLs";
const RBAC = '"rbac.authorization.k8s.io"';
const SELECTORS = "aggregationRule.clusterRoleSelectors";
const USAGES =
  '"any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"';

export const accessRefusals: ClaimsOfKind[] = [
  [
    "Role",
    [
      // ValidatePolicyRule
      [
        { rules: [{}] },
        [
          "rules[0].verbs: Required value: verbs must contain at least one value",
          "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
          "rules[0].resources: Required value: resource rules must supply at least one resource",
        ],
      ],
      [
        { "rules[0].nonResourceURLs": ["/a", "/b"] },
        [
          `rules[0].nonResourceURLs: Invalid value: []string{"/a", "/b"}: ${NO_URLS}`,
          `rules[0].nonResourceURLs: Invalid value: []string{"/a", "/b"}: ${EITHER}`,
        ],
      ],
      [
        { rules: [{ nonResourceURLs: ["/a"] }] },
        [
          "rules[0].verbs: Required value: verbs must contain at least one value",
          `rules[0].nonResourceURLs: Invalid value: []string{"/a"}: ${NO_URLS}`,
        ],
      ],
      // ValidateRBACName
      [{ "metadata.name": "a/b" }, ["metadata.name: Invalid value: \"a/b\": may not contain '/'"]],
      [
        { "metadata.name": "a/b%c" },
        [
          "metadata.name: Invalid value: \"a/b%c\": may not contain '/'",
          "metadata.name: Invalid value: \"a/b%c\": may not contain '%'",
        ],
      ],
      [{ "metadata.name": "." }, ["metadata.name: Invalid value: \".\": may not be '.'"]],
    ],
  ],
  [
    "ClusterRole",
    [
      // ValidateClusterRole
      [
        { aggregationRule: {} },
        [
          `${SELECTORS}: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`,
        ],
      ],
      [
        {
          aggregationRule: {
            clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "Odd" }] }],
          },
        },
        [
          `${SELECTORS}[0].matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator`,
          `${SELECTORS}[0]: Invalid value: "null": invalid label selector.`,
        ],
      ],
      [
        { aggregationRule: { clusterRoleSelectors: [{}, { matchLabels: { a: "b c" } }] } },
        [
          `${SELECTORS}[1].matchLabels: Invalid value: "b c": ${LABEL_VALUE}`,
          `${SELECTORS}[1]: Invalid value: "null": invalid label selector.`,
        ],
      ],
      [
        { rules: [{ verbs: ["get"], nonResourceURLs: ["/a"], resourceNames: ["b"] }] },
        [`rules[0].nonResourceURLs: Invalid value: []string{"/a"}: ${EITHER}`],
      ],
    ],
  ],
  [
    "RoleBinding",
    [
      // ValidateRoleBinding
      [
        { roleRef: { apiGroup: "odd", kind: "Odd", name: "%" } },
        [
          `roleRef.apiGroup: Unsupported value: "odd": supported values: ${RBAC}`,
          'roleRef.kind: Unsupported value: "Odd": supported values: "Role", "ClusterRole"',
          "roleRef.name: Invalid value: \"%\": may not contain '%'",
        ],
      ],
      // ValidateRoleBindingSubject
      [
        { subjects: [{ kind: "ServiceAccount", name: "No_1", namespace: "a" }] },
        [`subjects[0].name: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [{ subjects: [{ kind: "User", name: "" }] }, ["subjects[0].name: Required value"]],
      [
        { subjects: [{ kind: "Group", name: "", apiGroup: "odd" }] },
        [
          "subjects[0].name: Required value",
          `subjects[0].apiGroup: Unsupported value: "odd": supported values: ${RBAC}`,
        ],
      ],
      [
        { subjects: [{ kind: "", name: "" }] },
        [
          "subjects[0].name: Required value",
          'subjects[0].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"',
        ],
      ],
    ],
  ],
  [
    "ClusterRoleBinding",
    [
      [
        { subjects: [{ kind: "ServiceAccount", name: "a", apiGroup: "odd" }] },
        [
          'subjects[0].apiGroup: Unsupported value: "odd": supported values: ""',
          "subjects[0].namespace: Required value",
        ],
      ],
      [
        { "roleRef.kind": "Role", "roleRef.name": "" },
        [
          'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
          "roleRef.name: Required value",
        ],
      ],
    ],
  ],
  [
    "CertificateSigningRequest",
    [
      // validateCertificateSigningRequest
      [
        { "spec.usages": ["fly", "fly"] },
        [
          `spec.usages[0]: Unsupported value: "fly": supported values: ${USAGES}`,
          `spec.usages[1]: Unsupported value: "fly": supported values: ${USAGES}`,
          'spec.usages[1]: Duplicate value: "fly"',
        ],
      ],
      [
        { "spec.request": "bm8=", "spec.usages": [] },
        [
          "spec.request: Invalid value: []byte{0x6e, 0x6f}: PEM block type must be CERTIFICATE REQUEST",
          "spec.usages: Required value",
        ],
      ],
      [
        { "spec.signerName": "kubernetes.io/legacy-unknown" },
        [
          'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
        ],
      ],
      [
        { "spec.expirationSeconds": 0 },
        [
          "spec.expirationSeconds: Invalid value: 0: may not specify a duration less than 600 seconds (10 minutes)",
        ],
      ],
      // ValidateSignerName
      [{ "spec.signerName": "" }, ["spec.signerName: Required value"]],
      [
        { "spec.signerName": "a.b/c/d" },
        [
          "spec.signerName: Invalid value: \"a.b/c/d\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
        ],
      ],
      [
        { "spec.signerName": "short/a" },
        [
          'spec.signerName: Invalid value: "short": should be a domain with at least two segments separated by dots',
        ],
      ],
      [
        { "spec.signerName": "No_1.com/No_2" },
        [
          `spec.signerName: Invalid value: "No_1.com": validating label "No_1": ${LABEL}`,
          `spec.signerName: Invalid value: "No_2": validating label "No_2": ${SUBDOMAIN}`,
        ],
      ],
      [
        { "spec.signerName": `example.com/${"a".repeat(254)}` },
        [
          `spec.signerName: Invalid value: "${"a".repeat(254)}": validating label "${"a".repeat(254)}": must be no more than 253 characters`,
        ],
      ],
      [
        { "metadata.labels": { "a b": "c" } },
        [`metadata.labels: Invalid value: "a b": ${QUALIFIED}`],
      ],
    ],
  ],
];

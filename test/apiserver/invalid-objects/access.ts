/** What pkg/apis/rbac/validation, authentication, authorization and certificates refuse. */
import type { ClaimsOfKind } from "./claim.ts";

const NO_URLS = "namespaced rules cannot apply to non-resource URLs";
const EITHER = "rules cannot apply to both regular resources and non-resource URLs";
const ROLES = '"Role", "ClusterRole"';

export const accessClaims: ClaimsOfKind[] = [
  [
    "Role",
    [
      [
        { "rules[0].verbs": [] },
        ["rules[0].verbs: Required value: verbs must contain at least one value"],
      ],
      [
        { "rules[0].apiGroups": [] },
        ["rules[0].apiGroups: Required value: resource rules must supply at least one api group"],
      ],
      [
        { "rules[0].resources": [] },
        ["rules[0].resources: Required value: resource rules must supply at least one resource"],
      ],
      [
        { rules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] },
        [`rules[0].nonResourceURLs: Invalid value: []string{"/x"}: ${NO_URLS}`],
      ],
    ],
  ],
  [
    "ClusterRole",
    [
      [
        { "rules[0].verbs": undefined },
        ["rules[0].verbs: Required value: verbs must contain at least one value"],
      ],
      [
        { "rules[0].nonResourceURLs": ["/x"] },
        [`rules[0].nonResourceURLs: Invalid value: []string{"/x"}: ${EITHER}`],
      ],
      [
        { rules: [{ verbs: ["get"] }] },
        [
          "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
          "rules[0].resources: Required value: resource rules must supply at least one resource",
        ],
      ],
    ],
  ],
  [
    "RoleBinding",
    [
      [
        { "roleRef.kind": "Odd" },
        [`roleRef.kind: Unsupported value: "Odd": supported values: ${ROLES}`],
      ],
      [{ "roleRef.name": "" }, ["roleRef.name: Required value"]],
      [{ "roleRef.name": "a/b" }, ["roleRef.name: Invalid value: \"a/b\": may not contain '/'"]],
      [{ "roleRef.name": ".." }, ["roleRef.name: Invalid value: \"..\": may not be '..'"]],
      [
        { "roleRef.apiGroup": "odd" },
        [
          'roleRef.apiGroup: Unsupported value: "odd": supported values: "rbac.authorization.k8s.io"',
        ],
      ],
      [{ "subjects[0].name": "" }, ["subjects[0].name: Required value"]],
      [
        { "subjects[0].kind": "Odd" },
        [
          'subjects[0].kind: Unsupported value: "Odd": supported values: "ServiceAccount", "User", "Group"',
        ],
      ],
      [
        { "subjects[0].apiGroup": "odd" },
        [
          'subjects[0].apiGroup: Unsupported value: "odd": supported values: "rbac.authorization.k8s.io"',
        ],
      ],
      [
        { subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b", apiGroup: "odd" }] },
        ['subjects[0].apiGroup: Unsupported value: "odd": supported values: ""'],
      ],
    ],
  ],
  [
    "ClusterRoleBinding",
    [
      [
        { "roleRef.kind": "Role" },
        ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
      ],
      [{ "roleRef.name": "%" }, ["roleRef.name: Invalid value: \"%\": may not contain '%'"]],
      [
        { subjects: [{ kind: "ServiceAccount", name: "a" }] },
        ["subjects[0].namespace: Required value"],
      ],
    ],
  ],

  [
    "CertificateSigningRequest",
    [
      [{ "spec.usages": [] }, ["spec.usages: Required value"]],
      [
        { "spec.signerName": "no-slash" },
        [
          `spec.signerName: Invalid value: "no-slash": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
        ],
      ],
      [
        { "spec.expirationSeconds": 599 },
        [
          "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)",
        ],
      ],
    ],
  ],
];

/** What pkg/apis/networking/validation and pkg/apis/discovery/validation refuse. */
import type { ClaimsOfKind } from "./claim.ts";
import { DNS_1035, LABEL, PORT, SUBDOMAIN } from "./words.ts";

const PATH = "spec.rules[0].http.paths[0]";

export const networkingClaims: ClaimsOfKind[] = [
  [
    "Ingress",
    [
      [
        { spec: {} },
        [
          "spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified",
        ],
      ],
      [
        { [`${PATH}.path`]: "no-slash" },
        [`${PATH}.path: Invalid value: "no-slash": must be an absolute path`],
      ],
      [
        { [`${PATH}.path`]: "/a//b" },
        [`${PATH}.path: Invalid value: "/a//b": must not contain '//'`],
      ],
      [
        { [`${PATH}.path`]: "/a/./b" },
        [`${PATH}.path: Invalid value: "/a/./b": must not contain '/./'`],
      ],
      [
        { [`${PATH}.path`]: "/a/.." },
        [`${PATH}.path: Invalid value: "/a/..": cannot end with '/..'`],
      ],
      [
        { [`${PATH}.path`]: "/a%2fb" },
        [`${PATH}.path: Invalid value: "/a%2fb": must not contain '%2f'`],
      ],
      [
        { [`${PATH}.pathType`]: undefined },
        [`${PATH}.pathType: Required value: pathType must be specified`],
      ],
      [
        { [`${PATH}.pathType`]: "Odd" },
        [
          `${PATH}.pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
        ],
      ],
      [
        { [`${PATH}.backend`]: {} },
        [`${PATH}.backend: Invalid value: "": resource or service backend is required`],
      ],
      [{ [`${PATH}.backend.service.name`]: "" }, [`${PATH}.backend.service.name: Required value`]],
      [
        { [`${PATH}.backend.service.name`]: "Web" },
        [`${PATH}.backend.service.name: Invalid value: "Web": ${DNS_1035}`],
      ],
      [
        { [`${PATH}.backend.service.port`]: {} },
        [`${PATH}.backend: Required value: port name or number is required`],
      ],
      [
        { [`${PATH}.backend.service.port`]: { name: "http", number: 80 } },
        [`${PATH}.backend: Invalid value: "": cannot set both port name & port number`],
      ],
      [
        { [`${PATH}.backend.service.port.number`]: 65_536 },
        [`${PATH}.backend.service.port.number: Invalid value: 65536: ${PORT}`],
      ],
      [
        { [`${PATH}.backend.resource`]: { kind: "Bucket", name: "a" } },
        [`${PATH}.backend: Invalid value: "": cannot set both resource and service backends`],
      ],
      [
        { "spec.rules[0].host": "Web_1" },
        [`spec.rules[0].host: Invalid value: "Web_1": ${SUBDOMAIN}`],
      ],
      [
        { "spec.rules[0].host": "1.2.3.4" },
        ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
      ],
      [
        { "spec.rules[0].host": "*.*.com" },
        [
          "spec.rules[0].host: Invalid value: \"*.*.com\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ],
      ],
      [{ "spec.rules[0].http.paths": [] }, ["spec.rules[0].http.paths: Required value"]],
      [
        { "spec.tls": [{ hosts: ["Web_1"] }] },
        [`spec.tls[0].hosts[0]: Invalid value: "Web_1": ${SUBDOMAIN}`],
      ],
      [
        { "spec.tls": [{ secretName: "No_1" }] },
        [`spec.tls[0].secretName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        { "spec.ingressClassName": "No_1" },
        [`spec.ingressClassName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        {
          "spec.ingressClassName": "a",
          "metadata.annotations": { "kubernetes.io/ingress.class": "b" },
        },
        [
          'annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified',
        ],
      ],
    ],
  ],
  [
    "IngressClass",
    [
      [{ "spec.controller": "" }, ["spec.controller: Required value"]],
      [
        { "spec.controller": "no-slash" },
        [
          'spec.controller: Invalid value: "no-slash": must be a domain-prefixed path (such as "acme.io/foo")',
        ],
      ],
      [
        { "spec.parameters": { kind: "", name: "" } },
        [
          "spec.parameters.kind: Required value: kind is required",
          "spec.parameters.name: Required value: name is required",
        ],
      ],
      [
        { "spec.parameters": { kind: "A", name: "a", scope: "Odd" } },
        [
          'spec.parameters.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespace"',
        ],
      ],
      [
        { "spec.parameters": { kind: "A", name: "a", scope: "Namespace" } },
        ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
      ],
      [
        { "spec.parameters": { kind: "A", name: "a", namespace: "b" } },
        ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
      ],
    ],
  ],
  [
    "NetworkPolicy",
    [
      [
        { "spec.podSelector.matchLabels": { "a b": "c" } },
        [
          "spec.podSelector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ],
      ],
      [
        { "spec.ingress[0].ports[0].protocol": "ICMP" },
        [
          'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
        ],
      ],
      [
        { "spec.ingress[0].ports[0].port": 0 },
        [`spec.ingress[0].ports[0].port: Invalid value: 0: ${PORT}`],
      ],
      [
        { "spec.ingress[0].ports[0].port": "a b" },
        [
          'spec.ingress[0].ports[0].port: Invalid value: "a b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        ],
      ],
      [
        { "spec.ingress[0].ports[0].endPort": 20 },
        [
          "spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`",
        ],
      ],
      [
        { "spec.ingress[0].ports": [{ endPort: 20 }] },
        [
          "spec.ingress[0].ports[0].endPort: Invalid value: 20: may not be specified when `port` is not specified",
        ],
      ],
      [
        { "spec.ingress[0].from": [{}] },
        ["spec.ingress[0].from[0]: Required value: must specify a peer"],
      ],
      [
        { "spec.ingress[0].from": [{ ipBlock: { cidr: "" } }] },
        ["spec.ingress[0].from[0].ipBlock.cidr: Required value"],
      ],
      [
        { "spec.ingress[0].from": [{ ipBlock: { cidr: "10.0.0.0/33" } }] },
        [
          'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ],
      ],
      [
        { "spec.ingress[0].from": [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }] },
        [
          'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        ],
      ],
      [
        { "spec.ingress[0].from": [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] },
        ["spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer"],
      ],
      [
        { "spec.policyTypes": ["Odd"] },
        ['spec.policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egress"'],
      ],
      [
        { "spec.policyTypes": ["Ingress", "Egress", "Ingress"] },
        [
          'spec.policyTypes: Invalid value: []networking.PolicyType{"Ingress", "Egress", "Ingress"}: may not specify more than two policyTypes',
        ],
      ],
    ],
  ],
  [
    "EndpointSlice",
    [
      [{ addressType: "" }, ["addressType: Required value"]],
      [
        { addressType: "Odd" },
        ['addressType: Unsupported value: "Odd": supported values: "FQDN", "IPv4", "IPv6"'],
      ],
      [
        { "endpoints[0].addresses": [] },
        ["endpoints[0].addresses: Required value: must contain at least 1 address"],
      ],
      [
        { "endpoints[0].addresses": ["::1"] },
        [
          'endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address',
          'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        ],
      ],
      [
        { "endpoints[0].nodeName": "No_1" },
        [`endpoints[0].nodeName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        { "endpoints[0].hostname": "No_1" },
        [`endpoints[0].hostname: Invalid value: "No_1": ${LABEL}`],
      ],
      [
        { "ports[0].protocol": "ICMP" },
        ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
      ],
      [{ "ports[0].name": "No_1" }, [`ports[0].name: Invalid value: "No_1": ${LABEL}`]],
      [{ ports: [{ name: "a" }, { name: "a" }] }, ['ports[1].name: Duplicate value: "a"']],
    ],
  ],
];

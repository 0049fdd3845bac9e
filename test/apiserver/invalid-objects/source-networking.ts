/** What the original's source says of the network's kinds, function by function. */
import type { Claim, ClaimsOfKind } from "./claim.ts";
import { DNS_1035, LABEL, LABEL_VALUE, PORT, SUBDOMAIN } from "./words.ts";

const PATH = "spec.rules[0].http.paths[0]";
const rulePath = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`${PATH}.${path}`, value])),
  causes.map((cause) => `${PATH}.${cause}`),
];
const spec = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`spec.${path}`, value])),
  causes.map((cause) => (cause.startsWith(":") ? `spec${cause}` : `spec.${cause}`)),
];
const endpoint = (changes: object, ...causes: string[]): Claim => [
  { endpoints: [{ addresses: ["172.16.25.2"], ...changes }] },
  causes.map((cause) => `endpoints[0].${cause}`),
];

export const networkingClaimsOfSource: ClaimsOfKind[] = [
  [
    "Ingress",
    [
      // ValidateIngressSpec, validateIngressRules
      spec(
        { rules: undefined },
        ": Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified",
      ),
      spec(
        { "rules[0].host": "1.2.3.4" },
        'rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      ),
      spec({ "rules[0].host": "No_1" }, `rules[0].host: Invalid value: "No_1": ${SUBDOMAIN}`),
      spec({ "rules[0].http.paths": [] }, "rules[0].http.paths: Required value"),
      // validateHTTPIngressPath
      rulePath({ path: "a" }, 'path: Invalid value: "a": must be an absolute path'),
      rulePath({ path: "/a//b" }, "path: Invalid value: \"/a//b\": must not contain '//'"),
      rulePath({ path: "/a/../b" }, "path: Invalid value: \"/a/../b\": must not contain '/../'"),
      rulePath({ pathType: undefined }, "pathType: Required value: pathType must be specified"),
      rulePath(
        { pathType: "Odd" },
        'pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      ),
      // validateIngressBackend
      rulePath(
        { backend: {} },
        'backend: Invalid value: "": resource or service backend is required',
      ),
      rulePath({ "backend.service.name": "" }, "backend.service.name: Required value"),
      rulePath(
        { "backend.service.name": "No_1" },
        `backend.service.name: Invalid value: "No_1": ${DNS_1035}`,
      ),
      rulePath(
        { "backend.service.port": {} },
        "backend: Required value: port name or number is required",
      ),
      rulePath(
        { "backend.service.port": { name: "a", number: 80 } },
        'backend: Invalid value: "": cannot set both port name & port number',
      ),
      rulePath(
        { "backend.resource": { kind: "A", name: "b" } },
        'backend: Invalid value: "": cannot set both resource and service backends',
      ),
      // validateIngressTLS
      spec({ tls: [{ hosts: ["No_1"] }] }, `tls[0].hosts[0]: Invalid value: "No_1": ${SUBDOMAIN}`),
      spec(
        { tls: [{ secretName: "No_1" }] },
        `tls[0].secretName: Invalid value: "No_1": ${SUBDOMAIN}`,
      ),
      spec({ ingressClassName: "No_1" }, `ingressClassName: Invalid value: "No_1": ${SUBDOMAIN}`),
    ],
  ],
  [
    "IngressClass",
    [
      // validateIngressClassSpec, validateIngressClassParametersReference
      spec(
        { controller: "a" },
        'controller: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")',
      ),
      spec(
        { parameters: { kind: "A", name: "b", scope: "Odd" } },
        'parameters.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespace"',
      ),
      spec(
        { parameters: { kind: "A", name: "b", scope: "Namespace" } },
        "parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
      ),
      spec(
        { parameters: { kind: "A", name: "b", scope: "Cluster", namespace: "c" } },
        "parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
      ),
      spec(
        { parameters: { kind: "", name: "b", scope: "Cluster" } },
        "parameters.kind: Required value: kind is required",
      ),
    ],
  ],
  [
    "NetworkPolicy",
    [
      // ValidateNetworkPolicySpec, ValidateNetworkPolicyPort, ValidateNetworkPolicyPeer, ValidateIPBlock
      spec(
        { policyTypes: ["Odd"] },
        'policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egress"',
      ),
      spec(
        { policyTypes: ["Ingress", "Egress", "Ingress"] },
        `policyTypes: Invalid value: []networking.PolicyType{"Ingress", "Egress", "Ingress"}: may not specify more than two policyTypes`,
      ),
      spec(
        { "ingress[0].ports[0].protocol": "ICMP" },
        'ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
      ),
      spec(
        { "ingress[0].ports[0].port": 0 },
        `ingress[0].ports[0].port: Invalid value: 0: ${PORT}`,
      ),
      spec(
        { "ingress[0].ports[0].endPort": 79 },
        "ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`",
      ),
      spec(
        { "ingress[0].ports[0]": { endPort: 80 } },
        "ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified",
      ),
      spec({ "ingress[0].from": [{}] }, "ingress[0].from[0]: Required value: must specify a peer"),
      spec(
        { "ingress[0].from": [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] },
        "ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer",
      ),
      spec(
        { "ingress[0].from": [{ ipBlock: { cidr: "" } }] },
        "ingress[0].from[0].ipBlock.cidr: Required value",
      ),
      spec(
        { "ingress[0].from": [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/8"] } }] },
        'ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`',
      ),
    ],
  ],
  [
    "EndpointSlice",
    [
      // validateEndpoints
      endpoint({ addresses: [] }, "addresses: Required value: must contain at least 1 address"),
      endpoint(
        { addresses: ["a"] },
        'addresses[0]: Invalid value: "a": must be a valid IPv4 address',
        'addresses[0]: Invalid value: "a": must be a valid IP address',
      ),
      endpoint({ nodeName: "No_1" }, `nodeName: Invalid value: "No_1": ${SUBDOMAIN}`),
      endpoint({ hostname: "No_1" }, `hostname: Invalid value: "No_1": ${LABEL}`),
      endpoint(
        { hints: { forZones: [{ name: "a b" }] } },
        `hints.forZones[0].name: Invalid value: "a b": ${LABEL_VALUE}`,
      ),
      endpoint(
        { hints: { forZones: [{ name: "a" }, { name: "a" }] } },
        'hints.forZones[1].name: Duplicate value: "a"',
      ),
      // validatePorts, ValidateAddressType
      [{ "ports[0].name": "No_1" }, [`ports[0].name: Invalid value: "No_1": ${LABEL}`]],
      [{ "ports[1]": { name: "http", port: 81 } }, ['ports[1].name: Duplicate value: "http"']],
      [
        { "ports[0].protocol": "ICMP" },
        ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
      ],
      [
        { addressType: "Odd" },
        ['addressType: Unsupported value: "Odd": supported values: "FQDN", "IPv4", "IPv6"'],
      ],
    ],
  ],
];

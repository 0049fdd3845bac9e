/** What the original's source says of the other kinds of the core group, function by function. */
import type { Claim, ClaimsOfKind } from "./claim.ts";
import { LABEL, NOT_NEGATIVE, PORT, QUALIFIED, SUBDOMAIN } from "./words.ts";

const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const STANDARD = "must be a standard resource type or fully qualified";
const quantity = (value: number, scale: number, text: string) =>
  `resource.Quantity{i:resource.int64Amount{value:${value}, scale:${scale}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"${text}", Format:"DecimalSI"}`;
const ONE = quantity(1, 0, "1");
const TWO = quantity(2, 0, "2");
const service = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`spec.${path}`, value])),
  causes.map((cause) => `spec.${cause}`),
];
const limit = (changes: object, ...causes: string[]): Claim => [
  { "spec.limits": [{ type: "Container", ...changes }] },
  causes.map((cause) => `spec.limits[0].${cause}`),
];
const address = (ip: string, ...causes: string[]): Claim => [
  { "subsets[0].addresses[0].ip": ip },
  causes.map((cause) => `subsets[0].addresses[0].ip: Invalid value: "${ip}": ${cause}`),
];

const dockerConfig = (text: string, why: string): Claim => [
  {
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(text).toString("base64") },
  },
  [`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${why}`],
];

export const coreClaimsOfSource: ClaimsOfKind[] = [
  [
    "Service",
    [
      // ValidateService
      service(
        { type: "LoadBalancer", clusterIP: "None" },
        "clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
      ),
      service({ type: "ExternalName", externalName: "" }, "externalName: Required value"),
      service(
        { type: "ExternalName", externalName: "No_1" },
        `externalName: Invalid value: "No_1": ${SUBDOMAIN}`,
      ),
      service(
        { loadBalancerClass: "a" },
        "loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ),
      service(
        { sessionAffinity: "ClientIP", "sessionAffinityConfig.clientIP.timeoutSeconds": 0 },
        "sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400",
      ),
      service({ externalIPs: ["a"] }, `externalIPs[0]: Invalid value: "a": ${IP}`),
      service(
        { externalIPs: ["127.0.0.1"] },
        'externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ),
      service(
        { externalTrafficPolicy: "Local" },
        'externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      ),
      service(
        { type: "NodePort", externalTrafficPolicy: "Odd" },
        'externalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
      ),
      service(
        { "ports[0].nodePort": 30_000 },
        "ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      ),
      service(
        { "ports[0].protocol": "ICMP" },
        'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      ),
      service(
        {
          ports: [
            { name: "a", port: 80 },
            { name: "a", port: 81 },
          ],
        },
        'ports[1].name: Duplicate value: "a"',
      ),
      service(
        {
          ports: [
            { name: "a", port: 80 },
            { name: "b", port: 80 },
          ],
        },
        'ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
      ),
      service(
        { "ports[0].targetPort": 65_536 },
        `ports[0].targetPort: Invalid value: 65536: ${PORT}`,
      ),
      service(
        { "ports[0].appProtocol": "a b" },
        `ports[0].appProtocol: Invalid value: "a b": ${QUALIFIED}`,
      ),
      service(
        { loadBalancerSourceRanges: ["10.0.0.0/8"] },
        "LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ),
      // ValidateServiceClusterIPsRelatedFields
      service(
        { ipFamilyPolicy: "Odd" },
        'ipFamilyPolicy: Unsupported value: "Odd": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      ),
      service(
        { ipFamilies: ["IPv5"] },
        'ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      ),
      service(
        { clusterIP: "10.0.0.9", clusterIPs: ["10.0.0.8"] },
        'clusterIPs: Invalid value: []string{"10.0.0.8"}: first value must match `clusterIP`',
      ),
    ],
  ],
  [
    "Endpoints",
    [
      // validateEndpointSubsets, ValidateNonSpecialIP
      [
        { subsets: [{}] },
        ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
      ],
      address(
        "a",
        "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        "must be a valid IP address",
      ),
      address("0.0.0.0", "may not be unspecified (0.0.0.0)"),
      address("169.254.0.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
      address(
        "224.0.0.1",
        "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
      ),
      [
        { "subsets[0].addresses[0].hostname": "No_1" },
        [`subsets[0].addresses[0].hostname: Invalid value: "No_1": ${LABEL}`],
      ],
      [
        { "subsets[0].addresses[0].nodeName": "No_1" },
        [`subsets[0].addresses[0].nodeName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        { "subsets[0].ports[0].protocol": "ICMP" },
        [
          'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
        ],
      ],
      [
        { "subsets[0].ports": [{ port: 80 }, { name: "b", port: 81 }] },
        ["subsets[0].ports[0].name: Required value"],
      ],
    ],
  ],
  [
    "ResourceQuota",
    [
      // ValidateResourceQuotaSpec, validateResourceQuotaScopes, validateScopeSelector
      [
        { "spec.hard": { odd: "1" } },
        [
          `spec.hard[odd]: Invalid value: "odd": ${STANDARD}`,
          'spec.hard[odd]: Invalid value: "odd": must be a standard resource for quota',
        ],
      ],
      [
        { "spec.hard": { pods: "1500m" } },
        [`spec.hard[pods]: Invalid value: ${quantity(1500, -3, "1500m")}: must be an integer`],
      ],
      [
        { "spec.scopes": ["Odd"] },
        ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"Odd"}: unsupported scope'],
      ],
      [
        { "spec.scopes": ["Terminating", "NotTerminating"] },
        [
          'spec.scopes: Invalid value: []core.ResourceQuotaScope{"Terminating", "NotTerminating"}: conflicting scopes',
        ],
      ],
      [
        { "spec.hard": { services: "1" }, "spec.scopes": ["BestEffort"] },
        [
          'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: unsupported scope applied to resource',
        ],
      ],
      [
        { "spec.scopeSelector.matchExpressions": [{ scopeName: "PriorityClass", operator: "In" }] },
        [
          "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ],
      ],
    ],
  ],
  [
    "LimitRange",
    [
      // ValidateLimitRange
      limit(
        { max: { cpu: "1" }, min: { cpu: "2" } },
        `min[cpu]: Invalid value: ${TWO}: min value 2 is greater than max value 1`,
        `defaultRequest[cpu]: Invalid value: ${ONE}: min value 2 is greater than default request value 1`,
        `default[cpu]: Invalid value: ${TWO}: min value 2 is greater than default value 1`,
      ),
      limit(
        { default: { cpu: "2" }, max: { cpu: "1" } },
        `defaultRequest[cpu]: Invalid value: ${TWO}: default request value 2 is greater than max value 1`,
        `default[cpu]: Invalid value: ${ONE}: default value 2 is greater than max value 1`,
      ),
      limit(
        { defaultRequest: { cpu: "2" }, default: { cpu: "1" } },
        `defaultRequest[cpu]: Invalid value: ${TWO}: default request value 2 is greater than default limit value 1`,
      ),
      limit(
        { type: "Pod", default: { cpu: "1" } },
        "default: Forbidden: may not be specified when `type` is 'Pod'",
      ),
      limit(
        { maxLimitRequestRatio: { cpu: "500m" } },
        `maxLimitRequestRatio[cpu]: Invalid value: ${quantity(500, -3, "500m")}: ratio 500m is less than 1`,
      ),
      [
        {
          "spec.limits": [
            { type: "Pod", max: { cpu: "1" } },
            { type: "Pod", max: { cpu: "2" } },
          ],
        },
        ['spec.limits[1].type: Duplicate value: "Pod"'],
      ],
      limit(
        { type: "PersistentVolumeClaim" },
        "limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      ),
    ],
  ],
  [
    "Node",
    [
      // ValidateNode, validateNodeTaints
      [
        {
          "spec.taints": [
            { key: "a", value: "b", effect: "NoSchedule" },
            { key: "a", value: "b", effect: "NoSchedule" },
          ],
        },
        [
          'metadata.taints[1]: Duplicate value: core.Taint{Key:"a", Value:"b", Effect:"NoSchedule", TimeAdded:<nil>}: taints must be unique by key and effect pair',
        ],
      ],
      [
        { "spec.taints": [{ key: "a", effect: "" }] },
        ["metadata.taints[0].effect: Required value"],
      ],
      [
        { "spec.podCIDR": "a", "spec.podCIDRs": ["a"] },
        [
          'spec.podCIDRs[0]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ],
      ],
    ],
  ],
  [
    "Namespace",
    [
      // ValidateNamespace, ValidateFinalizerName
      [
        { "spec.finalizers": ["odd"] },
        [
          'spec.finalizers: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified',
        ],
      ],
    ],
  ],
  [
    "Secret",
    [
      // ValidateSecret
      [
        { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } },
        ["data[tls.key]: Required value"],
      ],
      [
        { type: "kubernetes.io/dockerconfigjson", data: {} },
        ["data[.dockerconfigjson]: Required value"],
      ],
      dockerConfig("", "unexpected end of JSON input"),
      dockerConfig("abc", "invalid character 'a' looking for beginning of value"),
      dockerConfig(
        "[]",
        "json: cannot unmarshal array into Go value of type map[string]interface {}",
      ),
      [
        { type: "kubernetes.io/basic-auth", data: {} },
        ["data[username]: Required value", "data[password]: Required value"],
      ],
      [{ type: "kubernetes.io/ssh-auth", data: {} }, ["data[ssh-privatekey]: Required value"]],
      [
        { type: "kubernetes.io/service-account-token" },
        ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
      ],
    ],
  ],
  [
    "ReplicationController",
    [
      // ValidateReplicationControllerSpec, ValidatePodTemplateSpecForRC
      [
        { "spec.minReadySeconds": -1 },
        [`spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`],
      ],
      [
        { "spec.selector": { app: "other" } },
        [
          'spec.template.metadata.labels: Invalid value: map[string]string{"app":"example"}: `selector` does not match template `labels`',
        ],
      ],
      [
        { "spec.template.spec.restartPolicy": "Never" },
        [
          'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        ],
      ],
    ],
  ],
  [
    "PodTemplate",
    [
      // ValidatePodTemplate
      [
        { "template.metadata.labels": { "a b": "c" } },
        [`template.labels: Invalid value: "a b": ${QUALIFIED}`],
      ],
      [
        { "template.spec.ephemeralContainers": [{ name: "a", image: "b" }] },
        [
          "template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
        ],
      ],
    ],
  ],
  [
    "Event",
    [
      // legacyValidateEvent
      [
        { "involvedObject.namespace": "other" },
        ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
      ],
      [
        { eventTime: "2024-01-01T00:00:00.000000Z", reportingComponent: "a b", action: "c" },
        [
          `reportingComponent: Invalid value: "a b": ${QUALIFIED}`,
          "reportingInstance: Required value",
        ],
      ],
      [
        {
          eventTime: "2024-01-01T00:00:00.000000Z",
          reportingComponent: "a",
          reportingInstance: "b",
          action: "c".repeat(129),
        },
        ['action: Invalid value: "": can have at most 128 characters'],
      ],
    ],
  ],
];

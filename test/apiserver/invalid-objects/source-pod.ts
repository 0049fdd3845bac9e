/** What the original's source says of pods and their containers, function by function. */
import type { Claim, ClaimsOfKind } from "./claim.ts";
import { LABEL, LABEL_VALUE, PORT, QUALIFIED, SUBDOMAIN } from "./words.ts";

const MAIN = "spec.containers[0]";
const INIT = "spec.initContainers[0]";
const main = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`${MAIN}.${path}`, value])),
  causes.map((cause) => `${MAIN}.${cause}`),
];
const init = (container: object, ...causes: string[]): Claim => [
  { [INIT]: { name: "init", image: "busybox:1.36", ...container } },
  causes.map((cause) => `${INIT}.${cause}`),
];
const spec = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`spec.${path}`, value])),
  causes.map((cause) => `spec.${cause}`),
];
const TCP = { tcpSocket: { port: 80 } };
const term = (expression: object) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [expression] }],
  },
});
const TERMS =
  "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
const spread = (changes: object) => [
  {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: {},
    ...changes,
  },
];

export const podClaims: ClaimsOfKind[] = [
  [
    "Pod",
    [
      // validateContainers, validateContainerCommon
      [
        { "spec.containers[1]": { name: "main", image: "nginx:1.25" } },
        ['spec.containers[1].name: Duplicate value: "main"'],
      ],
      main(
        { image: " nginx" },
        'image: Invalid value: " nginx": must not have leading or trailing whitespace',
      ),
      main(
        { terminationMessagePolicy: "Odd" },
        'terminationMessagePolicy: Unsupported value: "Odd": supported values: "File", "FallbackToLogsOnError"',
      ),
      main(
        { restartPolicy: "Always" },
        "restartPolicy: Forbidden: may not be set for non-init containers",
      ),
      main(
        { stdin: true, lifecycle: { preStop: {} } },
        "lifecycle.preStop: Required value: must specify a handler type",
      ),
      // validateInitContainers
      init(
        { restartPolicy: "OnFailure" },
        'restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      ),
      init(
        { livenessProbe: TCP },
        "livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
      ),
      init({ name: "main" }, 'name: Duplicate value: "main"'),
      // validateContainerPorts, AccumulateUniqueHostPorts, validateHostNetwork
      main(
        {
          ports: [
            { name: "a", containerPort: 80 },
            { name: "a", containerPort: 81 },
          ],
        },
        'ports[1].name: Duplicate value: "a"',
      ),
      main(
        {
          ports: [
            { containerPort: 80, hostPort: 80 },
            { containerPort: 81, hostPort: 80 },
          ],
        },
        'ports[1].hostPort: Duplicate value: "TCP//80"',
      ),
      [
        { "spec.hostNetwork": true, [`${MAIN}.ports`]: [{ containerPort: 80, hostPort: 81 }] },
        [
          `${MAIN}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
        ],
      ],
      main(
        { ports: [{ containerPort: 80, hostPort: 65_536 }] },
        `ports[0].hostPort: Invalid value: 65536: ${PORT}`,
      ),
      // ValidateEnv, validateEnvVarValueFrom, ValidateEnvFrom
      main(
        { env: [{ name: "1a" }] },
        `env[0].name: Invalid value: "1a": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
      ),
      main(
        {
          env: [{ name: "A", value: "b", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        },
        'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
      ),
      main(
        { env: [{ name: "A", valueFrom: {} }] },
        'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
      main(
        { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.odd" } } }] },
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.odd": error converting fieldPath: field label not supported: spec.odd',
      ),
      main(
        { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "a" } } }] },
        "env[0].valueFrom.secretKeyRef.key: Required value",
      ),
      main(
        { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.odd" } } }] },
        'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.odd": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      ),
      main(
        { envFrom: [{}] },
        'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
      ),
      main({ envFrom: [{ configMapRef: {} }] }, "envFrom[0].configMapRef.name: Required value"),
      // validateProbe, validateLivenessProbe, validateReadinessProbe, validateHandler
      main({ livenessProbe: {} }, "livenessProbe: Required value: must specify a handler type"),
      main(
        { livenessProbe: { ...TCP, exec: { command: ["a"] } } },
        "livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
      ),
      main(
        { livenessProbe: { ...TCP, successThreshold: 2 } },
        "livenessProbe.successThreshold: Invalid value: 2: must be 1",
      ),
      main(
        { livenessProbe: { ...TCP, terminationGracePeriodSeconds: 0 } },
        "livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0",
      ),
      main(
        { readinessProbe: { ...TCP, terminationGracePeriodSeconds: 5 } },
        "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes",
      ),
      main(
        { livenessProbe: { httpGet: { port: 0 } } },
        `livenessProbe.httpGet.port: Invalid value: 0: ${PORT}`,
      ),
      main(
        { livenessProbe: { httpGet: { port: 80, scheme: "ftp" } } },
        'livenessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
      ),
      main(
        { livenessProbe: { grpc: { port: 0 } } },
        `livenessProbe.grpc.port: Invalid value: 0: ${PORT}`,
      ),
      main({ livenessProbe: { exec: {} } }, "livenessProbe.exec.command: Required value"),
      main(
        { startupProbe: { ...TCP, periodSeconds: -1 } },
        "startupProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
      ),
      // ValidateResourceRequirements
      main(
        { "resources.limits": { "hugepages-2Mi": "2Mi" } },
        "resources: Forbidden: HugePages require cpu or memory",
      ),
      main(
        { "resources.requests": { "example.com/a": "1" } },
        "resources.limits: Required value: Limit must be set for non overcommitable resources",
      ),
      main(
        { "resources.limits": { "example.com/a": "1500m" } },
        'resources.limits[example.com/a]: Invalid value: resource.Quantity{i:resource.int64Amount{value:1500, scale:-3}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1500m", Format:"DecimalSI"}: must be an integer',
        'resources.requests[example.com/a]: Invalid value: resource.Quantity{i:resource.int64Amount{value:1500, scale:-3}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1500m", Format:"DecimalSI"}: must be an integer',
      ),
      // ValidateVolumeMounts, ValidateVolumeDevices
      main(
        { volumeMounts: [{ name: "", mountPath: "" }] },
        "volumeMounts[0].name: Required value",
        'volumeMounts[0].name: Not found: ""',
        "volumeMounts[0].mountPath: Required value",
      ),
      [
        {
          "spec.volumes": [{ name: "a" }],
          [`${MAIN}.volumeMounts`]: [
            { name: "a", mountPath: "/a" },
            { name: "a", mountPath: "/a" },
          ],
        },
        [`${MAIN}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`],
      ],
      [
        {
          "spec.volumes": [{ name: "a" }],
          [`${MAIN}.volumeMounts`]: [
            { name: "a", mountPath: "/a", subPath: "b", subPathExpr: "c" },
          ],
        },
        [
          `${MAIN}.volumeMounts[0].subPathExpr: Invalid value: "c": subPathExpr and subPath are mutually exclusive`,
        ],
      ],
      [
        {
          "spec.volumes": [{ name: "a" }],
          [`${MAIN}.volumeMounts`]: [{ name: "a", mountPath: "/a", subPath: "../b" }],
        },
        [`${MAIN}.volumeMounts.subPath: Invalid value: "../b": must not contain '..'`],
      ],
      [
        {
          "spec.volumes": [{ name: "a" }],
          [`${MAIN}.volumeDevices`]: [{ name: "a", devicePath: "/dev/a" }],
        },
        [
          `${MAIN}.volumeDevices[0].name: Invalid value: "a": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
        ],
      ],
      main(
        { volumeDevices: [{ name: "a", devicePath: "" }] },
        'volumeDevices[0].name: Not found: "a"',
        "volumeDevices[0].devicePath: Required value",
      ),
      // ValidateSecurityContext, ValidatePodSecurityContext, validateSeccompProfileField
      main(
        { "securityContext.runAsUser": -1 },
        "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
      ),
      main(
        { "securityContext.seccompProfile": { type: "Localhost" } },
        "securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
      ),
      main(
        { "securityContext.seccompProfile": { type: "Odd" } },
        'securityContext.seccompProfile.type: Unsupported value: "Odd": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ),
      spec(
        { hostPID: true, shareProcessNamespace: true },
        "securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
      ),
      spec(
        { "securityContext.fsGroupChangePolicy": "Odd" },
        'securityContext.fsGroupChangePolicy: Unsupported value: "Odd": supported values: "Always", "OnRootMismatch"',
      ),
      spec(
        { "securityContext.sysctls": [{ name: "a.b" }, { name: "a.b" }] },
        'securityContext.sysctls[1].name: Duplicate value: "a.b"',
      ),
      spec(
        { "securityContext.sysctls": [{ name: "" }] },
        "securityContext.sysctls[0].name: Required value",
      ),
      // ValidatePodSpec
      spec(
        { activeDeadlineSeconds: 0 },
        "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
      ),
      spec({ subdomain: "No_1" }, `subdomain: Invalid value: "No_1": ${LABEL}`),
      spec(
        { serviceAccountName: "No_1" },
        `serviceAccountName: Invalid value: "No_1": ${SUBDOMAIN}`,
      ),
      spec({ "nodeSelector.a": "a b" }, `nodeSelector: Invalid value: "a b": ${LABEL_VALUE}`),
      spec(
        { readinessGates: [{ conditionType: "a b" }] },
        `readinessGates[0].conditionType: Invalid value: "a b": ${QUALIFIED}`,
      ),
      spec(
        { "os.name": "odd" },
        'os: Unsupported value: "odd": supported values: "linux", "windows"',
      ),
      spec({ "os.name": "" }, "os.name: Required value: cannot be empty"),
      // validatePodDNSConfig
      spec(
        { dnsPolicy: "None" },
        "dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
      ),
      spec(
        { dnsPolicy: "None", dnsConfig: {} },
        "dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
      ),
      spec(
        { "dnsConfig.options": [{ name: "" }] },
        "dnsConfig.options[0]: Required value: must not be empty",
      ),
      // ValidateHostAliases
      spec(
        { hostAliases: [{ ip: "a", hostnames: ["b"] }] },
        'hostAliases[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ),
      // ValidateTolerations
      spec(
        { tolerations: [{ operator: "Equal", value: "b" }] },
        'tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
      spec(
        { tolerations: [{ key: "a", effect: "NoSchedule", tolerationSeconds: 5 }] },
        "tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
      ),
      spec(
        { tolerations: [{ key: "a", operator: "Odd" }] },
        'tolerations[0].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
      ),
      // validateTopologySpreadConstraints
      spec(
        { topologySpreadConstraints: spread({ maxSkew: 0 }) },
        "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
      ),
      spec(
        { topologySpreadConstraints: spread({ topologyKey: "" }) },
        "topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
      ),
      spec(
        { topologySpreadConstraints: spread({ whenUnsatisfiable: "Odd" }) },
        'topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Odd": supported values: "DoNotSchedule", "ScheduleAnyway"',
      ),
      spec(
        {
          topologySpreadConstraints: spread({ whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 }),
        },
        "topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
      ),
      spec(
        {
          topologySpreadConstraints: spread({
            labelSelector: { matchLabels: { a: "b" } },
            matchLabelKeys: ["a"],
          }),
        },
        'topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
      ),
      // validateAffinity, ValidateNodeSelector, ValidateNodeSelectorRequirement
      spec(
        { "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution": {} },
        `${TERMS}: Required value: must have at least one node selector term`,
      ),
      spec(
        { "affinity.nodeAffinity": term({ key: "a", operator: "Odd" }) },
        `${TERMS}[0].matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator`,
      ),
      spec(
        { "affinity.nodeAffinity": term({ key: "a", operator: "In" }) },
        `${TERMS}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ),
      spec(
        { "affinity.nodeAffinity": term({ key: "a", operator: "Exists", values: ["b"] }) },
        `${TERMS}[0].matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      ),
      spec(
        { "affinity.nodeAffinity": term({ key: "a", operator: "Gt", values: ["1", "2"] }) },
        `${TERMS}[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      ),
      spec(
        {
          "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution": [
            { weight: 0, preference: {} },
          ],
        },
        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100",
      ),
      spec(
        {
          "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution": [
            { labelSelector: {}, topologyKey: "" },
          ],
        },
        "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
        'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
        `affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": ${QUALIFIED}`,
      ),
      // validateSchedulingGates
      spec(
        { schedulingGates: [{ name: "a" }, { name: "a" }] },
        'schedulingGates[1]: Duplicate value: "a"',
      ),
      spec(
        { schedulingGates: [{ name: "a" }], nodeName: "node1" },
        "nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
      ),
    ],
  ],
];

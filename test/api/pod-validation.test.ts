import { describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { type Draft, wordingsOf } from "./judge.ts";

const main = { name: "main", image: "nginx" };

/** A pod with one good container and what is said besides. */
const pod = (spec: Draft): Draft => ({ spec: { containers: [main], ...spec } });

/** A pod whose only container is good but for what is said. */
const container = (fields: Draft): Draft => ({ spec: { containers: [{ ...main, ...fields }] } });

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const C0 = "spec.containers[0]";

const cases: Record<string, [Draft, string[]][]> = {
  containers: [
    [{ spec: {} }, ["spec.containers: Required value"]],
    [{}, ["spec.containers: Required value"]],
    [{ spec: { containers: [{ name: "main" }] } }, [`${C0}.image: Required value`]],
    [{ spec: { containers: [{ image: "nginx" }] } }, [`${C0}.name: Required value`]],
    [container({ name: "Main" }), [`${C0}.name: Invalid value: "Main": ${LABEL}`]],
    [container({ name: "a.b" }), [`${C0}.name: Invalid value: "a.b": must not contain dots`]],
    [pod({ containers: [main, main] }), ['spec.containers[1].name: Duplicate value: "main"']],
    [
      container({ image: " nginx" }),
      [`${C0}.image: Invalid value: " nginx": must not have leading or trailing whitespace`],
    ],
    [
      container({ imagePullPolicy: "Sometimes" }),
      [
        `${C0}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
      ],
    ],
    [
      container({ terminationMessagePolicy: "Log" }),
      [
        `${C0}.terminationMessagePolicy: Unsupported value: "Log": supported values: "File", "FallbackToLogsOnError"`,
      ],
    ],
    [
      container({ restartPolicy: "Always" }),
      [`${C0}.restartPolicy: Forbidden: may not be set for non-init containers`],
    ],
  ],
  ports: [
    [container({ ports: [{}] }), [`${C0}.ports[0].containerPort: Required value`]],
    [
      container({ ports: [{ containerPort: 70000 }] }),
      [
        `${C0}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      ],
    ],
    [
      container({ ports: [{ containerPort: 80, hostPort: -1 }] }),
      [`${C0}.ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive`],
    ],
    [
      container({ ports: [{ containerPort: 80, protocol: "ICMP" }] }),
      [
        `${C0}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
      ],
    ],
    [
      container({ ports: [{ containerPort: 80, name: "HTTP" }] }),
      [
        `${C0}.ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
        `${C0}.ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)`,
      ],
    ],
    [
      container({ ports: [{ containerPort: 80, name: "a-very-long-port-name" }] }),
      [
        `${C0}.ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters`,
      ],
    ],
    [
      container({ ports: [{ containerPort: 80, name: "a--b" }] }),
      [`${C0}.ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens`],
    ],
    [
      container({ ports: [{ containerPort: 80, name: "a-" }] }),
      [`${C0}.ports[0].name: Invalid value: "a-": must not begin or end with a hyphen`],
    ],
    [
      container({
        ports: [
          { containerPort: 80, name: "web" },
          { containerPort: 81, name: "web" },
        ],
      }),
      [`${C0}.ports[1].name: Duplicate value: "web"`],
    ],
    [
      container({
        ports: [
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 81, hostPort: 8080 },
        ],
      }),
      [`${C0}.ports[1].hostPort: Duplicate value: "TCP//8080"`],
    ],
    [
      pod({
        hostNetwork: true,
        containers: [{ ...main, ports: [{ containerPort: 80, hostPort: 81 }] }],
      }),
      [
        `${C0}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
      ],
    ],
  ],
  environment: [
    [container({ env: [{ value: "x" }] }), [`${C0}.env[0].name: Required value`]],
    [
      container({ env: [{ name: "1A", value: "x" }] }),
      [
        `${C0}.env[0].name: Invalid value: "1A": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
      ],
    ],
    [
      container({ env: [{ name: "..", value: "x" }] }),
      [`${C0}.env[0].name: Invalid value: "..": must not be '..'`],
    ],
    [
      container({ env: [{ name: "A", valueFrom: {} }] }),
      [
        `${C0}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
      ],
    ],
    [
      container({
        env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      }),
      [
        `${C0}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
      ],
    ],
    [
      container({
        env: [
          {
            name: "A",
            valueFrom: {
              fieldRef: { fieldPath: "metadata.name" },
              secretKeyRef: { name: "s", key: "k" },
            },
          },
        ],
      }),
      [
        `${C0}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time`,
      ],
    ],
    [
      container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.color" } } }] }),
      [
        `${C0}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color`,
      ],
    ],
    [
      container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.phase" } } }] }),
      [
        `${C0}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
      ],
    ],
    [
      container({ env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "cpu" } } }] }),
      [
        `${C0}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "cpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
      ],
    ],
    [
      container({
        env: [
          { name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "2" } } },
        ],
      }),
      [
        `${C0}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
      ],
    ],
    [
      container({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "c" } } }] }),
      [`${C0}.env[0].valueFrom.configMapKeyRef.key: Required value`],
    ],
    [
      container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a b" } } }] }),
      [
        `${C0}.env[0].valueFrom.secretKeyRef.key: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      ],
    ],
    [
      container({ envFrom: [{}] }),
      [`${C0}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``],
    ],
    [
      container({ envFrom: [{ configMapRef: {} }] }),
      [`${C0}.envFrom[0].configMapRef.name: Required value`],
    ],
  ],
  mounts: [
    [
      container({ volumeMounts: [{ name: "data", mountPath: "/data" }] }),
      [`${C0}.volumeMounts[0].name: Not found: "data"`],
    ],
    [
      pod({
        volumes: [{ name: "data" }],
        containers: [{ ...main, volumeMounts: [{ name: "data" }] }],
      }),
      [`${C0}.volumeMounts[0].mountPath: Required value`],
    ],
    [
      pod({
        volumes: [{ name: "a" }, { name: "b" }],
        containers: [
          {
            ...main,
            volumeMounts: [
              { name: "a", mountPath: "/x" },
              { name: "b", mountPath: "/x" },
            ],
          },
        ],
      }),
      [`${C0}.volumeMounts[1].mountPath: Invalid value: "/x": must be unique`],
    ],
    [
      pod({
        volumes: [{ name: "a" }],
        containers: [{ ...main, volumeMounts: [{ name: "a", mountPath: "/x", subPath: "../y" }] }],
      }),
      [`${C0}.volumeMounts.subPath: Invalid value: "../y": must not contain '..'`],
    ],
    [
      pod({
        volumes: [{ name: "a" }],
        containers: [{ ...main, volumeMounts: [{ name: "a", mountPath: "/x", subPath: "/y" }] }],
      }),
      [`${C0}.volumeMounts.subPath: Invalid value: "/y": must be a relative path`],
    ],
    [
      pod({
        volumes: [{ name: "a" }],
        containers: [
          {
            ...main,
            volumeMounts: [{ name: "a", mountPath: "/x", mountPropagation: "Bidirectional" }],
          },
        ],
      }),
      [
        `${C0}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
      ],
    ],
  ],
  volumes: [
    [pod({ volumes: [{ emptyDir: {} }] }), ["spec.volumes[0].name: Required value"]],
    [
      pod({ volumes: [{ name: "A_B", emptyDir: {} }] }),
      [`spec.volumes[0].name: Invalid value: "A_B": ${LABEL}`],
    ],
    [
      pod({ volumes: [{ name: "a" }, { name: "a" }] }),
      ['spec.volumes[1].name: Duplicate value: "a"'],
    ],
    [
      pod({ volumes: [{ name: "a", emptyDir: {}, hostPath: { path: "/" } }] }),
      ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      pod({ volumes: [{ name: "a", hostPath: {} }] }),
      ["spec.volumes[0].hostPath.path: Required value"],
    ],
    [
      pod({ volumes: [{ name: "a", hostPath: { path: "/a/../b" } }] }),
      [`spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
    ],
    [
      pod({ volumes: [{ name: "a", hostPath: { path: "/a", type: "Link" } }] }),
      [
        'spec.volumes[0].hostPath.type: Unsupported value: "Link": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    [
      pod({ volumes: [{ name: "a", secret: {} }] }),
      ["spec.volumes[0].secret.secretName: Required value"],
    ],
    [
      pod({ volumes: [{ name: "a", configMap: {} }] }),
      ["spec.volumes[0].configMap.name: Required value"],
    ],
    [
      pod({ volumes: [{ name: "a", configMap: { name: "c", defaultMode: 1000 } }] }),
      [
        "spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive",
      ],
    ],
    [
      pod({ volumes: [{ name: "a", configMap: { name: "c", items: [{ key: "k" }] } }] }),
      ["spec.volumes[0].configMap.items[0].path: Required value"],
    ],
    [
      pod({
        volumes: [{ name: "a", configMap: { name: "c", items: [{ key: "k", path: "..x" }] } }],
      }),
      [`spec.volumes[0].configMap.items[0].path: Invalid value: "..x": must not start with '..'`],
    ],
    [
      pod({ volumes: [{ name: "a", persistentVolumeClaim: {} }] }),
      ["spec.volumes[0].persistentVolumeClaim.claimName: Required value"],
    ],
    [
      pod({ volumes: [{ name: "a", nfs: { server: "s", path: "x" } }] }),
      [`spec.volumes[0].nfs.path: Invalid value: "x": must be an absolute path`],
    ],
    [
      pod({ volumes: [{ name: "a", emptyDir: { sizeLimit: "-1" } }] }),
      [
        "spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity",
      ],
    ],
    [
      pod({ volumes: [{ name: "a", downwardAPI: { items: [{ path: "x" }] } }] }),
      [
        "spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
      ],
    ],
  ],
  resources: [
    [
      container({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      [
        `${C0}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
      ],
    ],
    [
      container({ resources: { requests: { memory: "-1Mi" } } }),
      [
        `${C0}.resources.requests[memory]: Invalid value: "-1Mi": must be greater than or equal to 0`,
      ],
    ],
    [
      container({ resources: { limits: { cpus: "1" } } }),
      [
        `${C0}.resources.limits[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified`,
        `${C0}.resources.limits[cpus]: Invalid value: "cpus": must be a standard resource for containers`,
        `${C0}.resources.requests[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified`,
        `${C0}.resources.requests[cpus]: Invalid value: "cpus": must be a standard resource for containers`,
      ],
    ],
    [
      container({ resources: { requests: { pods: "1" } } }),
      [
        `${C0}.resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers`,
      ],
    ],
    [
      container({ resources: { requests: { "example.com/gpu": "1" } } }),
      [
        `${C0}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
      ],
    ],
    [
      container({
        resources: {
          requests: { "example.com/gpu": "1" },
          limits: { "example.com/gpu": "2" },
        },
      }),
      [`${C0}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
    ],
    [
      container({ resources: { requests: { cpu: "much" } } }),
      [
        `${C0}.resources.requests[cpu]: Invalid value: "much": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
      ],
    ],
  ],
  probes: [
    [
      container({ livenessProbe: {} }),
      [`${C0}.livenessProbe: Required value: must specify a handler type`],
    ],
    [
      container({ livenessProbe: { exec: {} } }),
      [`${C0}.livenessProbe.exec.command: Required value`],
    ],
    [
      container({ livenessProbe: { exec: { command: ["x"] }, tcpSocket: { port: 80 } } }),
      [`${C0}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
    ],
    [
      container({ livenessProbe: { exec: { command: ["x"] }, successThreshold: 2 } }),
      [`${C0}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
    ],
    [
      container({ readinessProbe: { exec: { command: ["x"] }, periodSeconds: -1 } }),
      [`${C0}.readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`],
    ],
    [
      container({
        readinessProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 5 },
      }),
      [
        `${C0}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`,
      ],
    ],
    [
      container({ startupProbe: { httpGet: { port: 0 } } }),
      [`${C0}.startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive`],
    ],
    [
      container({ livenessProbe: { httpGet: { port: 80, scheme: "FTP" } } }),
      [
        `${C0}.livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
      ],
    ],
    [
      container({ lifecycle: { preStop: {} } }),
      [`${C0}.lifecycle.preStop: Required value: must specify a handler type`],
    ],
    [
      container({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
      [
        `${C0}.lifecycle.preStop.sleep: Invalid value: 60: must be greater than 0 and less than terminationGracePeriodSeconds (30)`,
      ],
    ],
  ],
  initContainers: [
    [pod({ initContainers: [main] }), ['spec.initContainers[0].name: Duplicate value: "main"']],
    [
      pod({ initContainers: [{ ...main, name: "init", restartPolicy: "Never" }] }),
      [
        'spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"',
      ],
    ],
    [
      pod({
        initContainers: [{ ...main, name: "init", livenessProbe: { exec: { command: ["x"] } } }],
      }),
      [
        "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
      ],
    ],
    [
      pod({
        initContainers: [
          {
            ...main,
            name: "init",
            restartPolicy: "Always",
            livenessProbe: { exec: { command: ["x"] } },
          },
        ],
      }),
      [],
    ],
  ],
  policies: [
    [
      pod({ restartPolicy: "Sometimes" }),
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      pod({ dnsPolicy: "Mine" }),
      [
        'spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
    ],
    [
      pod({ dnsPolicy: "None" }),
      ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ],
    [
      pod({ dnsPolicy: "None", dnsConfig: {} }),
      [
        "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
      ],
    ],
    [
      pod({ dnsConfig: { nameservers: ["1.1.1.1", "2.2.2.2", "3.3.3.3", "x"] } }),
      [
        'spec.dnsConfig.nameservers: Invalid value: []string{"1.1.1.1", "2.2.2.2", "3.3.3.3", "x"}: must not have more than 3 nameservers',
        `spec.dnsConfig.nameservers[3]: Invalid value: "x": ${IP}`,
      ],
    ],
    [
      pod({ activeDeadlineSeconds: 0 }),
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
    [
      pod({ preemptionPolicy: "Maybe" }),
      [
        'spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
    [
      pod({ serviceAccountName: "A" }),
      [`spec.serviceAccountName: Invalid value: "A": ${SUBDOMAIN}`],
    ],
    [pod({ nodeName: "Node" }), [`spec.nodeName: Invalid value: "Node": ${SUBDOMAIN}`]],
    [pod({ hostname: "A" }), [`spec.hostname: Invalid value: "A": ${LABEL}`]],
    [
      pod({ hostAliases: [{ ip: "300.1.1.1", hostnames: ["ok"] }] }),
      [`spec.hostAliases[0].ip: Invalid value: "300.1.1.1": ${IP}`],
    ],
  ],
  scheduling: [
    [
      pod({ nodeSelector: { "a/b/c": "d" } }),
      [
        `spec.nodeSelector: Invalid value: "a/b/c": a qualified name ${QUALIFIED.replace("name part ", "")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ],
    ],
    [
      pod({ tolerations: [{ operator: "Equal" }] }),
      [
        `spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
      ],
    ],
    [
      pod({ tolerations: [{ key: "a", tolerationSeconds: 5, effect: "NoSchedule" }] }),
      [
        `spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
      ],
    ],
    [
      pod({ tolerations: [{ key: "a", operator: "Like" }] }),
      [
        'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
      ],
    ],
    [
      pod({ tolerations: [{ key: "a", operator: "Exists", value: "x" }] }),
      [
        `spec.tolerations[0].operator: Invalid value: core.Toleration{Key:"a", Operator:"Exists", Value:"x", Effect:"", TolerationSeconds:(*int64)(nil)}: value must be empty when \`operator\` is 'Exists'`,
      ],
    ],
    [
      pod({ tolerations: [{ key: "a", effect: "Never" }] }),
      [
        'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      pod({ readinessGates: [{ conditionType: "a b" }] }),
      [`spec.readinessGates[0].conditionType: Invalid value: "a b": ${QUALIFIED}`],
    ],
    [
      pod({ schedulingGates: [{ name: "a" }, { name: "a" }] }),
      ['spec.schedulingGates[1]: Duplicate value: "a"'],
    ],
    [
      pod({ schedulingGates: [{ name: "a" }], nodeName: "node1" }),
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
    ],
    [
      pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
          },
        },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
      ],
    ],
    [
      pod({
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }],
          },
        },
      }),
      [
        "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
      ],
    ],
    [
      pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In" }] }],
            },
          },
        },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
    [
      pod({
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }],
          },
        },
      }),
      [
        "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
        'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
        `spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": ${QUALIFIED}`,
      ],
    ],
    [
      pod({
        topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "Cry" }],
      }),
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"',
      ],
    ],
  ],
  security: [
    [
      pod({ securityContext: { runAsUser: -1 } }),
      [
        "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
      ],
    ],
    [
      container({ securityContext: { runAsGroup: 2 ** 31 } }),
      [
        `${C0}.securityContext.runAsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive`,
      ],
    ],
    [
      container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      [
        `${C0}.securityContext: Invalid value: core.SecurityContext{Privileged:true, AllowPrivilegeEscalation:false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      pod({ hostPID: true, shareProcessNamespace: true }),
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
      ],
    ],
    [
      container({ securityContext: { seccompProfile: { type: "Localhost" } } }),
      [
        `${C0}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
      ],
    ],
    [
      pod({
        securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] },
        hostNetwork: true,
      }),
      [
        `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
      ],
    ],
  ],
};

describe("a Pod", () => {
  test("is accepted with a name and an image for its container", () => {
    expect(wordingsOf(Pod, pod({}))).toEqual([]);
  });

  for (const [part, refused] of Object.entries(cases)) {
    describe(`with wrong ${part}`, () => {
      test.each(refused.map(([draft, wordings]) => [wordings.join(" | "), draft, wordings]))(
        "%s",
        (_, draft, wordings) => {
          expect(wordingsOf(Pod, draft as Draft)).toEqual(wordings);
        },
      );
    });
  }

  test("has every wrong thing listed at once", () => {
    const draft = pod({ restartPolicy: "No", containers: [{ name: "a" }, { image: "b" }] });
    expect(wordingsOf(Pod, draft)).toEqual([
      "spec.containers[0].image: Required value",
      "spec.containers[1].name: Required value",
      'spec.restartPolicy: Unsupported value: "No": supported values: "Always", "OnFailure", "Never"',
    ]);
  });
});

/** What the original accepts with a warning: the functions of pkg/api/<kind>/warnings.go and of the strategies. */
import { expect, test } from "vitest";
import type { Kind } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { changed, invalidObject } from "../apiserver/invalid-objects/claim.ts";

type Row = [kind: string, changes: Record<string, unknown>, warnings: string[]];

const SURPRISING =
  "which can result in surprising behavior; a DNS label is recommended: [must not contain dots]";
const IN_NAMES = `metadata.name: this is used in Pod names and hostnames, ${SURPRISING}`;
const PARTS = 'fractional byte value "100m" is invalid, must be an integer';
const NULL_SELECTOR = "a null labelSelector results in matching no pod";
const CLASS = "volume.beta.kubernetes.io/storage-class";
const SPREAD = { maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector: {} };
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const retired = (source: string, why: string): Row => [
  "Pod",
  { "spec.volumes": [{ name: "a", [source]: {} }] },
  [`spec.volumes[0].${source}: ${why}`],
];

const file = (path: string) => ({ key: "k", path });
const overlap = (source: object, what: string): Row => [
  "Pod",
  { "spec.volumes": [{ name: "v", ...source }] },
  [`volume "v" (${what}`],
];
const projected = (...sources: object[]) => ({ projected: { sources } });
const token = (path: string) => ({ serviceAccountToken: { path } });
const mapped = (path: string) => ({ configMap: { name: "m", items: [file(path)] } });
const name = { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } };

const UDP = { containerPort: 80, protocol: "UDP" };
const PORTS = "spec.containers[0].ports";
const ports = (all: object[], ...warnings: string[]): Row => ["Pod", { [PORTS]: all }, warnings];

const rows: Row[] = [
  // podStrategy.WarningsOnCreate
  [
    "Pod",
    { "metadata.name": "a.b" },
    [`metadata.name: this is used in the Pod's hostname, ${SURPRISING}`],
  ],
  // GetWarningsForNodeSelector, GetWarningsForNodeSelectorTerm, warningsForPodSpecAndMeta
  [
    "Pod",
    { "spec.nodeSelector": { "beta.kubernetes.io/arch": "arm" } },
    [
      'spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
    ],
  ],
  [
    "Pod",
    {
      [`spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`]: [
        { matchExpressions: [{ key: "beta.kubernetes.io/os", operator: "Exists" }] },
      ],
    },
    [
      `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead`,
    ],
  ],
  [
    "Pod",
    {
      "spec.topologySpreadConstraints": [
        { ...SPREAD, topologyKey: "failure-domain.beta.kubernetes.io/zone" },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    ],
  ],
  [
    "Pod",
    {
      "spec.topologySpreadConstraints": [
        { ...SPREAD, topologyKey: "zone", labelSelector: undefined },
      ],
    },
    [`spec.topologySpreadConstraints[0].labelSelector: ${NULL_SELECTOR}`],
  ],
  [
    "Pod",
    { [`spec.affinity.podAffinity.${REQUIRED}`]: [{ topologyKey: "zone" }] },
    [`spec.affinity.podAffinity.${REQUIRED}[0].labelSelector: ${NULL_SELECTOR}`],
  ],
  retired("gitRepo", "deprecated in v1.11"),
  retired("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
  retired("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
  retired("flocker", "deprecated in v1.22, non-functional in v1.25+"),
  retired("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
  [
    "Pod",
    { "spec.volumes": [{ name: "a", storageos: {} }] },
    ["spec.volumes[0].storageOS: deprecated in v1.22, non-functional in v1.25+"],
  ],
  retired("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
  retired("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
  retired("rbd", "deprecated in v1.28, non-functional in v1.31+"),
  // warningsForOverlappingVirtualPaths: the cases of warnings_test.go
  overlap(
    { configMap: { name: "m", items: [file("test"), file("test/app")] } },
    'ConfigMap "m"): overlapping paths: "test/app" with "test"',
  ),
  overlap(
    { configMap: { name: "m", items: [file("test/app"), file("test")] } },
    'ConfigMap "m"): overlapping paths: "test" with "test/app"',
  ),
  overlap(
    { secret: { secretName: "s", items: [file("test"), file("test")] } },
    'Secret "s"): overlapping paths: "test" with "test"',
  ),
  overlap(
    {
      downwardAPI: {
        items: [
          { path: "test", ...name },
          { path: "test", ...name },
        ],
      },
    },
    'DownwardAPI): overlapping paths: "test" with "test"',
  ),
  overlap(
    projected(mapped("test"), token("test/file")),
    'Projected ServiceAccountToken): overlapping paths: "test/file" with "test"',
  ),
  overlap(
    projected(mapped("test/file"), token("test")),
    'Projected ServiceAccountToken): overlapping paths: "test/file" with "test"',
  ),
  overlap(
    projected({ downwardAPI: { items: [{ path: "test", ...name }] } }, token("test")),
    'Projected ServiceAccountToken): overlapping paths: "test" with "test"',
  ),
  overlap(
    projected({ secret: { name: "s", items: [file("test")] } }, mapped("test/test1")),
    'Projected ConfigMap "m"): overlapping paths: "test/test1" with "test"',
  ),
  [
    "Pod",
    { "metadata.annotations": { "seccomp.security.alpha.kubernetes.io/pod": "a" } },
    [
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
    ],
  ],
  [
    "Pod",
    { "spec.hostAliases": [{ ip: "10.0.0.1" }, { ip: "10.0.0.1" }] },
    ['spec.hostAliases[1].ip: duplicate ip "10.0.0.1"'],
  ],
  [
    "Pod",
    { "spec.imagePullSecrets": [{ name: "" }, { name: "a" }, { name: "a" }] },
    [
      'spec.imagePullSecrets[2].name: duplicate name "a"',
      'spec.imagePullSecrets[0].name: invalid empty name ""',
    ],
  ],
  [
    "Pod",
    { "spec.containers[0].resources": { limits: { memory: "100m" } } },
    [`spec.containers[0].resources.limits[memory]: ${PARTS}`],
  ],
  [
    "Pod",
    { "spec.terminationGracePeriodSeconds": -1 },
    [
      "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
    ],
  ],
  [
    "Pod",
    {
      "spec.volumes": [
        {
          name: "a",
          ephemeral: {
            volumeClaimTemplate: { spec: { resources: { requests: { storage: "100m" } } } },
          },
        },
      ],
    },
    [`spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: ${PARTS}`],
  ],
  ...[
    "seccomp.security.alpha.kubernetes.io/pod",
    "container.seccomp.security.alpha.kubernetes.io/main",
  ].map(
    (key): Row => [
      "Pod",
      { "metadata.annotations": { [key]: "default" } },
      [
        `metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`,
      ],
    ],
  ),
  [
    "Pod",
    { "metadata.annotations": { "scheduler.alpha.kubernetes.io/critical-pod": "true" } },
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    ],
  ],
  // the cases of container ports in warnings_test.go
  ports([
    { ...UDP, hostPort: 80 },
    { ...UDP, hostPort: 81 },
  ]),
  ports([UDP, UDP], `${PORTS}[1]: duplicate port definition with ${PORTS}[0]`),
  ports(
    [{ ...UDP, hostIP: "10.0.0.1" }],
    `${PORTS}[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:UDP HostIP:10.0.0.1}`,
  ),
  ports(
    [
      { ...UDP, hostPort: 80, hostIP: "10.0.0.1" },
      { ...UDP, hostIP: "10.0.0.1" },
    ],
    `${PORTS}[1]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:UDP HostIP:10.0.0.1}`,
    `${PORTS}[1]: overlapping port definition with ${PORTS}[0]`,
  ),
  ports(
    [
      { ...UDP, hostPort: 80, hostIP: "10.0.0.1" },
      { ...UDP, hostPort: 80 },
      { ...UDP, hostPort: 80, hostIP: "10.0.0.2" },
    ],
    `${PORTS}[1]: dangerously ambiguous port definition with ${PORTS}[0]`,
    `${PORTS}[2]: dangerously ambiguous port definition with ${PORTS}[1]`,
  ),
  // the same of templates
  [
    "Deployment",
    { "spec.template.spec.volumes": [{ name: "a", gitRepo: {} }] },
    ["spec.template.spec.volumes[0].gitRepo: deprecated in v1.11"],
  ],
  [
    "CronJob",
    { "spec.jobTemplate.spec.template.spec.volumes": [{ name: "a", gitRepo: {} }] },
    ["spec.jobTemplate.spec.template.spec.volumes[0].gitRepo: deprecated in v1.11"],
  ],
  // the strategies of the workloads, of their names
  ["ReplicaSet", { "metadata.name": "a.b" }, [IN_NAMES]],
  ["ReplicationController", { "metadata.name": "a.b" }, [IN_NAMES]],
  ["DaemonSet", { "metadata.name": "a.b" }, []],
  // pvc.GetWarningsForPersistentVolumeClaim, pv.GetWarningsForPersistentVolume
  [
    "PersistentVolumeClaim",
    { "metadata.annotations": { [CLASS]: "a" } },
    [
      `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
    ],
  ],
  [
    "PersistentVolumeClaim",
    { "spec.resources.requests.storage": "100m" },
    [`spec.resources.requests[storage]: ${PARTS}`],
  ],
  [
    "PersistentVolume",
    { "metadata.annotations": { [CLASS]: "a" } },
    [
      `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
    ],
  ],
  // service.GetWarningsForService
  [
    "Service",
    { "spec.externalIPs": ["2001:DB8::1"] },
    [
      'spec.externalIPs[0]: IPv6 address "2001:DB8::1" is not in RFC 5952 canonical format ("2001:db8::1"), which may cause controller apply-loops',
    ],
  ],
  // fieldIsDeprecatedWarnings of the nodes
  [
    "Node",
    { "spec.externalID": "a" },
    ["spec.externalID: this field is deprecated, and is unused by Kubernetes"],
  ],
  ["Node", { "spec.configSource": {} }, ["spec.configSource: the feature is removed"]],
  // ingressStrategy.WarningsOnCreate
  [
    "Ingress",
    { "metadata.annotations": { "kubernetes.io/ingress.class": "a" } },
    [
      "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead",
    ],
  ],
];

const kindNamed = (name: string): Kind => kinds.find(({ kind }) => kind === name)!;
/** As it is before it is written, and with that in it. */
const whole = (kind: Kind, changes: Record<string, unknown>) => {
  const object = invalidObject(kind, {}) as typeof kind.example;
  kind.setDefaults?.(object);
  return changed(object, changes);
};

test.each(rows)("a %s with %j is accepted with a warning", (name, changes, warnings) => {
  const kind = kindNamed(name);
  expect(kind.warnings?.(whole(kind, changes))).toEqual(warnings);
});

test("a pod that is updated brings no warnings", () => {
  const kind = kindNamed("Pod");
  const pod = whole(kind, { "metadata.name": "a.b" });
  expect(kind.warnings?.(pod, pod)).toEqual([]);
});

/** What may not become of an object that is there, and other requests that no table of new objects can show. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Kind } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type Changes, changed, invalidObject, refusalOf } from "./invalid-objects/claim.ts";
import { QUALIFIED } from "./invalid-objects/words.ts";

type Update = [kind: string, before: Changes, after: Changes, causes: string[]];

const IMMUTABLE = "field is immutable";
const SET = "field is immutable when `immutable` is set";
const otherSelector = {
  "spec.selector.matchLabels": { app: "other" },
  "spec.template.metadata.labels": { app: "other" },
};
const selectorIsFixed = [
  `spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"other"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: ${IMMUTABLE}`,
];

/** Of each the function of the original that says so. */
const updates: Update[] = [
  // ValidateSecretUpdate
  ["Secret", {}, { type: "Odd" }, [`type: Invalid value: "Odd": ${IMMUTABLE}`]],
  ["Secret", { immutable: true }, { data: { a: "Yg==" } }, [`data: Forbidden: ${SET}`]],
  ["Secret", { immutable: true }, { immutable: false }, [`immutable: Forbidden: ${SET}`]],
  // ValidateConfigMapUpdate
  ["ConfigMap", { immutable: true }, { data: { a: "b" } }, [`data: Forbidden: ${SET}`]],
  [
    "ConfigMap",
    { immutable: true },
    { immutable: undefined, binaryData: { a: "Yg==" } },
    [`immutable: Forbidden: ${SET}`, `binaryData: Forbidden: ${SET}`],
  ],
  // ValidateServiceUpdate, validateUpgradeDowngradeClusterIPs, validateLoadBalancerClassField
  [
    "Service",
    {},
    { "spec.clusterIP": "10.254.77.77", "spec.clusterIPs": ["10.254.77.77"] },
    ['spec.clusterIPs[0]: Invalid value: []string{"10.254.77.77"}: may not change once set'],
  ],
  [
    "Service",
    { "spec.type": "LoadBalancer", "spec.loadBalancerClass": "a.b/c" },
    { "spec.loadBalancerClass": "a.b/d" },
    ['spec.loadBalancerClass: Invalid value: "a.b/d": may not change once set'],
  ],
  // ValidatePersistentVolumeUpdate
  [
    "PersistentVolume",
    {},
    { "spec.volumeMode": "Block" },
    [`volumeMode: Invalid value: "Block": ${IMMUTABLE}`],
  ],
  // ValidatePodUpdate
  [
    "Pod",
    {},
    { "spec.containers[1]": { name: "other", image: "nginx:1.25" } },
    ["spec.containers: Forbidden: pod updates may not add or remove containers"],
  ],
  [
    "Pod",
    { "spec.activeDeadlineSeconds": 10 },
    { "spec.activeDeadlineSeconds": 20 },
    ["spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value"],
  ],
  [
    "Pod",
    { "spec.activeDeadlineSeconds": 10 },
    { "spec.activeDeadlineSeconds": undefined },
    [
      'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value',
    ],
  ],
  [
    "Pod",
    {},
    { "spec.schedulingGates": [{ name: "a" }] },
    [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'",
    ],
  ],
  // ValidateNodeUpdate
  [
    "Node",
    { "spec.podCIDR": "10.1.0.0/24", "spec.podCIDRs": ["10.1.0.0/24"] },
    { "spec.podCIDR": "10.2.0.0/24", "spec.podCIDRs": ["10.2.0.0/24"] },
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    "Node",
    { "spec.providerID": "a" },
    { "spec.providerID": "b" },
    ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
  ],
  // ValidateResourceQuotaUpdate
  [
    "ResourceQuota",
    { "spec.hard": { pods: "1" } },
    { "spec.scopes": ["BestEffort"] },
    [`spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: ${IMMUTABLE}`],
  ],
  // deploymentStrategy.ValidateUpdate, rsStrategy.ValidateUpdate, daemonSetStrategy.ValidateUpdate
  ["Deployment", {}, otherSelector, selectorIsFixed],
  ["ReplicaSet", {}, otherSelector, selectorIsFixed],
  ["DaemonSet", {}, otherSelector, selectorIsFixed],
  // ValidateStatefulSetUpdate
  [
    "StatefulSet",
    {},
    { "spec.serviceName": "other" },
    [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  ],
  // ValidateControllerRevisionUpdate
  [
    "ControllerRevision",
    {},
    { revision: -1 },
    ["revision: Invalid value: -1: must be greater than or equal to 0"],
  ],
  // ValidateJobSpecUpdate
  ["Job", {}, { "spec.completions": 2 }, [`spec.completions: Invalid value: 2: ${IMMUTABLE}`]],
  [
    "Job",
    {},
    { "spec.completionMode": "Indexed" },
    [`spec.completionMode: Invalid value: "Indexed": ${IMMUTABLE}`],
  ],
  [
    "Job",
    { "spec.completionMode": "Indexed" },
    { "spec.backoffLimitPerIndex": 2 },
    [`spec.backoffLimitPerIndex: Invalid value: 2: ${IMMUTABLE}`],
  ],
  // ValidateIngressClassUpdate
  [
    "IngressClass",
    {},
    { "spec.controller": "example.com/other" },
    [`spec.controller: Invalid value: "example.com/other": ${IMMUTABLE}`],
  ],
  // ValidateEndpointSliceUpdate
  [
    "EndpointSlice",
    {},
    { addressType: "IPv6", "endpoints[0].addresses": ["2001:db8::1"] },
    [`addressType: Invalid value: "IPv6": ${IMMUTABLE}`],
  ],
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

const kindNamed = (name: string): Kind => kinds.find(({ kind }) => kind === name)!;
const post = async (path: string, body: unknown) => {
  const { json } = await ask(server.transport, "POST", path, body);
  return json;
};

describe("an update", () => {
  test.each(updates.map((row, i) => [row[0], row[3].join(" | "), row, i] as const))(
    "of a %s is refused: %s",
    async (name, _, [, before, after, causes], i) => {
      const kind = kindNamed(name);
      const path = pathOf(kind, "default");
      const made = await post(
        path,
        invalidObject(kind, { ...before, "metadata.name": `bad-${i}` }),
      );
      expect(made.kind).toBe(name);
      const next = changed(made, after);
      const { json } = await ask(server.transport, "PUT", `${path}/bad-${i}`, next);
      expect(json).toEqual(refusalOf(kind, `bad-${i}`, causes));
    },
  );
});

describe("an event of events.k8s.io/v1", () => {
  const EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";
  const event = (changes: object) => ({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: "bad", namespace: "default" },
    eventTime: "2024-01-01T00:00:00.000000Z",
    reportingController: "example.com/a",
    reportingInstance: "a-1",
    action: "Binding",
    reason: "Bound",
    regarding: { kind: "Pod", namespace: "default", name: "a" },
    type: "Normal",
    ...changes,
  });

  // ValidateEventCreate, validateV1EventSeries
  test.each<[object, string[]]>([
    [{ reportingController: "a b" }, [`reportingController: Invalid value: "a b": ${QUALIFIED}`]],
    [{ eventTime: null }, ["eventTime: Required value"]],
    [{ type: "Odd" }, ['type: Invalid value: "": has invalid value: Odd']],
    [{ deprecatedCount: 1 }, ['count: Invalid value: "": needs to be unset']],
    [{ deprecatedSource: { component: "a" } }, ['source: Invalid value: "": needs to be unset']],
    [
      { deprecatedFirstTimestamp: "2024-01-01T00:00:00Z" },
      ['firstTimestamp: Invalid value: "": needs to be unset'],
    ],
    [
      { series: { count: 1, lastObservedTime: null } },
      [
        'series.count: Invalid value: "": should be at least 2',
        "series.lastObservedTime: Required value",
      ],
    ],
  ])("is refused with %j", async (changes, causes) => {
    expect(await post(EVENTS, event(changes))).toEqual(
      refusalOf(kindNamed("Event"), "bad", causes),
    );
  });

  // ValidateEventUpdate
  test("stays as it is, but for its series", async () => {
    const made = await post(EVENTS, event({ metadata: { name: "lasting" } }));
    expect(made.kind).toBe("Event");
    const put = (body: object) => ask(server.transport, "PUT", `${EVENTS}/lasting`, body);
    const wrong = await put({ ...made, note: "other", reason: "Other" });
    const other = `reason: Invalid value: "Other": ${IMMUTABLE}`;
    const causes = [other, `message: Invalid value: "other": ${IMMUTABLE}`, other];
    expect(wrong.json).toEqual(refusalOf(kindNamed("Event"), "lasting", causes));
    const series = { count: 2, lastObservedTime: "2024-01-01T00:00:01.000000Z" };
    expect((await put({ ...made, series })).status).toBe(200);
  });
});

test("an autoscaler of autoscaling/v1 is judged as the one that is stored", async () => {
  const path = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
  const refused = await post(path, {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "bad" },
    spec: {
      scaleTargetRef: { kind: "Deployment", name: "a" },
      maxReplicas: 1,
      targetCPUUtilizationPercentage: 0,
    },
  });
  const causes = [
    "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
  ];
  expect(refused).toEqual(refusalOf(kindNamed("HorizontalPodAutoscaler"), "bad", causes));
});

// ValidatePodBinding
test("a binding names a node", async () => {
  const pods = pathOf(kindNamed("Pod"), "default");
  await post(pods, invalidObject(kindNamed("Pod"), { "metadata.name": "unbound" }));
  const bind = (target: object) =>
    post(`${pods}/unbound/binding`, { metadata: { name: "unbound" }, target });
  const kind = kindNamed("Binding");
  expect(await bind({ kind: "Pod", name: "a" })).toEqual(
    refusalOf(kind, "unbound", [
      'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    ]),
  );
  expect(await bind({ kind: "Node" })).toEqual(
    refusalOf(kind, "unbound", ["target.name: Required value"]),
  );
});

test("the status of a component cannot be made", async () => {
  const { json } = await ask(server.transport, "POST", "/api/v1/componentstatuses", {
    apiVersion: "v1",
    kind: "ComponentStatus",
    metadata: { name: "scheduler" },
  });
  expect(json).toMatchObject({
    reason: "MethodNotAllowed",
    message: "the server does not allow this method on the requested resource",
    code: 405,
  });
});

import { describe, expect, test } from "vitest";
import { ControllerRevision } from "../../src/api/apps/controller-revision.ts";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { complete, created, updateWordingsOf, wordingsOf } from "./judge.ts";

const NOT_NEGATIVE = "must be greater than or equal to 0";
const MISMATCH = "`selector` does not match template `labels`";

const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image: "nginx" }] },
};
const selector = { matchLabels: { app: "web" } };
const base = { selector, template };

describe("a StatefulSet", () => {
  const wrong = (spec: object) =>
    wordingsOf(StatefulSet, { spec: { ...base, serviceName: "web", ...spec } });

  test("gets its defaults", () => {
    expect(complete(StatefulSet, { spec: { ...base, serviceName: "web" } }).spec).toMatchObject({
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      replicas: 1,
      revisionHistoryLimit: 10,
    });
  });

  test.each([
    [
      { podManagementPolicy: "Odd" },
      [`spec.podManagementPolicy: Invalid value: "Odd": must be 'OrderedReady' or 'Parallel'`],
    ],
    [{ replicas: -1 }, [`spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`]],
    [{ minReadySeconds: -1 }, [`spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`]],
    [{ ordinals: { start: -1 } }, [`spec.ordinals.start: Invalid value: -1: ${NOT_NEGATIVE}`]],
    [
      { updateStrategy: { rollingUpdate: { partition: -1 } } },
      [`spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: ${NOT_NEGATIVE}`],
    ],
    [
      { updateStrategy: { type: "Odd" } },
      [
        `spec.updateStrategy: Invalid value: apps.StatefulSetUpdateStrategy{Type:"Odd", RollingUpdate:(*apps.RollingUpdateStatefulSetStrategy)(nil)}: must be 'RollingUpdate' or 'OnDelete'`,
      ],
    ],
    [
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } },
      [
        `spec.updateStrategy.rollingUpdate: Invalid value: apps.RollingUpdateStatefulSetStrategy{Partition:1, MaxUnavailable:(*intstr.IntOrString)(nil)}: only allowed for updateStrategy 'RollingUpdate'`,
      ],
    ],
    [
      { persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } },
      [
        `spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"`,
      ],
    ],
    [
      { selector: undefined },
      [
        "spec.selector: Required value",
        `spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: ${MISMATCH}`,
      ],
    ],
    [
      { selector: {} },
      [
        "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for statefulset",
      ],
    ],
    [
      { selector: { matchLabels: { app: "db" } } },
      [`spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: ${MISMATCH}`],
    ],
    [
      { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } },
      [
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
      ],
    ],
  ])("refuses %j", (spec, wordings) => {
    expect(wrong(spec)).toEqual(wordings);
  });

  test("does not look into the pod, whose mounts may name claims", () => {
    const containers = [
      { name: "main", image: "nginx", volumeMounts: [{ name: "www", mountPath: "/www" }] },
    ];
    expect(wrong({ template: { ...template, spec: { containers } } })).toEqual([]);
  });

  test("must have a name that can be a host's", () => {
    expect(wordingsOf(StatefulSet, { ...StatefulSet.example, metadata: { name: "a.b" } })[0]).toBe(
      'metadata.name: Invalid value: "a.b": must not contain dots',
    );
  });

  test("keeps its selector, service and claims, and little else", () => {
    const from = { spec: { ...base, serviceName: "web" } };
    const update = (spec: object) =>
      updateWordingsOf(StatefulSet, from, { spec: { ...base, serviceName: "web", ...spec } });
    expect(update({ replicas: 5, minReadySeconds: 3, ordinals: { start: 2 } })).toEqual([]);
    for (const spec of [
      { serviceName: "other" },
      { podManagementPolicy: "Parallel" },
      { revisionHistoryLimit: 3 },
      { volumeClaimTemplates: [{ metadata: { name: "www" }, spec: {} }] },
    ]) {
      expect(update(spec)).toEqual([
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ]);
    }
  });

  test("has no maxUnavailable, as where that gate is closed", () => {
    const updateStrategy = { rollingUpdate: { maxUnavailable: 2 } };
    const { spec } = created(StatefulSet, { spec: { ...base, updateStrategy } });
    expect(spec.updateStrategy?.rollingUpdate).toEqual({ partition: 0 });
  });

  test("may not report more of some pods than there are", () => {
    const old = created(StatefulSet, { ...StatefulSet.example });
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3, collisionCount: -1 };
    const errors = StatefulSet.validateStatusUpdate?.({ ...old, status }, old) ?? [];
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      `status.collisionCount: Invalid value: -1: ${NOT_NEGATIVE}`,
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
      "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
      "status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas",
    ]);
  });
});

describe("a DaemonSet", () => {
  const wrong = (spec: object) => wordingsOf(DaemonSet, { spec: { ...base, ...spec } });
  const rolling = (rollingUpdate: object) => wrong({ updateStrategy: { rollingUpdate } });
  const at = "spec.updateStrategy.rollingUpdate";
  const PERCENT =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

  test("gets its defaults", () => {
    expect(complete(DaemonSet, { spec: base }).spec).toMatchObject({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    });
  });

  test("counts the changes of its template in an annotation", () => {
    const key = "deprecated.daemonset.template.generation";
    const old = created(DaemonSet, { spec: base });
    expect(old.metadata.annotations).toEqual({ [key]: "1" });
    const now = complete(DaemonSet, { spec: { ...base, minReadySeconds: 3 } });
    DaemonSet.prepareForUpdate?.(now, old);
    expect(now.metadata.annotations).toEqual({ [key]: "1" });
    const next = complete(DaemonSet, { spec: base });
    next.spec.template.spec.containers[0]!.image = "nginx:2";
    DaemonSet.prepareForUpdate?.(next, old);
    expect(next.metadata.annotations).toEqual({ [key]: "2" });
  });

  test("refuses a strategy that could not move, or would do both", () => {
    expect(rolling({ maxUnavailable: 0, maxSurge: 0 })).toEqual([
      `${at}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
    ]);
    expect(rolling({ maxUnavailable: 1, maxSurge: "10%" })).toEqual([
      `${at}.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"10%"}: may not be set when maxUnavailable is non-zero`,
    ]);
    expect(rolling({ maxUnavailable: "101%" })).toEqual([
      `${at}.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%`,
    ]);
    expect(rolling({ maxUnavailable: "many" })[0]).toBe(
      `${at}.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"many"}: ${PERCENT}`,
    );
    expect(rolling({ maxUnavailable: -1 })).toEqual([
      `${at}.maxUnavailable: Invalid value: -1: ${NOT_NEGATIVE}`,
    ]);
    expect(wrong({ updateStrategy: { type: "Odd" } })).toEqual([
      'spec.updateStrategy: Unsupported value: apps.DaemonSetUpdateStrategy{Type:"Odd", RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}: supported values: "RollingUpdate", "OnDelete"',
    ]);
  });

  test("must see the pods it makes, and make pods that are started again", () => {
    expect(wrong({ selector: { matchLabels: { app: "db" } } })).toEqual([
      `spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: ${MISMATCH}`,
    ]);
    expect(wrong({ selector: {} })[0]).toContain("empty selector is invalid for daemonset");
    expect(wrong({ minReadySeconds: -1, revisionHistoryLimit: -1 })).toEqual([
      `spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`,
      `spec.revisionHistoryLimit: Invalid value: -1: ${NOT_NEGATIVE}`,
    ]);
    const spec = { ...template.spec, restartPolicy: "OnFailure", activeDeadlineSeconds: 5 };
    expect(wrong({ template: { ...template, spec } })).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported",
    ]);
  });

  test("keeps its selector", () => {
    const labels = { app: "web", tier: "front" };
    const both = { ...template, metadata: { labels } };
    const to = { selector: { matchLabels: labels }, template: both };
    expect(
      updateWordingsOf(DaemonSet, { spec: { ...base, template: both } }, { spec: to }),
    ).toEqual([
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"web", "tier":"front"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    ]);
  });
});

describe("a ControllerRevision", () => {
  test("must hold something, and has a number that is not negative", () => {
    expect(wordingsOf(ControllerRevision, { revision: -1 })).toEqual([
      "data: Required value: data is mandatory",
      `revision: Invalid value: -1: ${NOT_NEGATIVE}`,
    ]);
  });

  test("may change its number but not what it holds", () => {
    const from = { data: { a: 1 }, revision: 1 };
    expect(updateWordingsOf(ControllerRevision, from, { ...from, revision: 5 })).toEqual([]);
    expect(updateWordingsOf(ControllerRevision, from, { ...from, data: { a: 2 } })).toEqual([
      'data: Invalid value: {"a":2}: field is immutable',
    ]);
  });

  test("is shown with its owner", () => {
    const column = ControllerRevision.columns?.find(({ name }) => name === "Controller");
    const owner = {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      name: "logs",
      uid: "1",
      controller: true,
    };
    const revision = created(ControllerRevision, { ...ControllerRevision.example });
    expect(column?.value(revision, new Date(0))).toBe("<none>");
    revision.metadata.ownerReferences = [owner];
    expect(column?.value(revision, new Date(0))).toBe("daemonset.apps/logs");
  });
});

describe("a PodDisruptionBudget", () => {
  const wrong = (spec: object) => wordingsOf(PodDisruptionBudget, { spec: { selector, ...spec } });

  test.each([
    [{ minAvailable: -1 }, [`spec.minAvailable: Invalid value: -1: ${NOT_NEGATIVE}`]],
    [
      { maxUnavailable: "150%" },
      [
        'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"150%"}: must not be greater than 100%',
      ],
    ],
    [
      { minAvailable: 1, unhealthyPodEvictionPolicy: "Never" },
      [
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
  ])("refuses %j", (spec, wordings) => {
    expect(wrong(spec)).toEqual(wordings);
  });

  test("says how many must be there or how many may be away, not both", () => {
    expect(wrong({ minAvailable: 1, maxUnavailable: 1 })[0]).toMatch(
      /^spec: Invalid value: policy.PodDisruptionBudgetSpec\{.*: minAvailable and maxUnavailable cannot be both set$/,
    );
  });

  test("has conditions of the common form", () => {
    const old = created(PodDisruptionBudget, { ...PodDisruptionBudget.example });
    const conditions = [
      { type: "Good", status: "Maybe", reason: "not a word", message: "", lastTransitionTime: "" },
      {
        type: "Good",
        status: "True",
        reason: "",
        message: "",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ];
    const status = { ...old.status!, disruptionsAllowed: -1, conditions };
    const errors = PodDisruptionBudget.validateStatusUpdate?.({ ...old, status }, old) ?? [];
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      "status.conditions[0].lastTransitionTime: Required value: must be set",
      expect.stringMatching(
        /^status.conditions\[0\].reason: Invalid value: "not a word": a condition reason must start with/,
      ),
      'status.conditions[1].type: Duplicate value: "Good"',
      "status.conditions[1].reason: Required value: must be set",
      `status.disruptionsAllowed: Invalid value: -1: ${NOT_NEGATIVE}`,
    ]);
  });
});

describe("a PersistentVolumeClaim", () => {
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  const wrong = (more: object) => wordingsOf(PersistentVolumeClaim, { spec: { ...spec, ...more } });

  test.each([
    [{ accessModes: [] }, ["spec.accessModes: Required value: at least 1 access mode is required"]],
    [
      { accessModes: ["Odd"] },
      [
        'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      { accessModes: ["ReadWriteOncePod", "ReadOnlyMany"] },
      ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
    ],
    [{ resources: {} }, ["spec.resources[storage]: Required value"]],
    [
      { resources: { requests: { storage: "0" } } },
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      { volumeMode: "Odd" },
      ['spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"'],
    ],
    [
      { dataSource: { kind: "Pod", name: "x" } },
      [
        `spec.dataSource: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
        `spec.dataSourceRef: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
      ],
    ],
  ])("refuses %j", (more, wordings) => {
    expect(wrong(more)).toEqual(wordings);
  });

  test("is given its volume once, and may then only grow", () => {
    const old = created(PersistentVolumeClaim, { spec });
    const judge = (from: PersistentVolumeClaim, to: PersistentVolumeClaim) =>
      (PersistentVolumeClaim.validateUpdate?.(to, from) ?? []).map(
        ({ field, message }) => `${field}: ${message}`,
      );
    const sized = (storage: string): PersistentVolumeClaim => ({
      ...bound,
      spec: { ...bound.spec, resources: { requests: { storage } } },
    });
    const bound: PersistentVolumeClaim = {
      ...old,
      spec: { ...old.spec, volumeName: "pv1" },
      status: { phase: "Bound" },
    };
    expect(judge(old, bound)).toEqual([]);
    expect(judge(bound, sized("2Gi"))).toEqual([]);
    expect(judge(bound, sized("500Mi"))).toEqual([
      "spec.resources.requests.storage: Forbidden: field can not be less than previous value",
    ]);
    expect(judge(bound, { ...bound, spec: { ...bound.spec, volumeName: "pv2" } })[0]).toMatch(
      /^spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n/,
    );
    expect(judge(old, { ...sized("2Gi"), status: { phase: "Pending" } })).toHaveLength(1);
  });
});

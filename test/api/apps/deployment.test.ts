import { describe, expect, test } from "vitest";
import { Deployment } from "../../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../../src/api/apps/replica-set.ts";
import { complete, type Draft, updateWordingsOf, wordingsOf } from "../judge.ts";

const LABELS = 'map[string]string{"app":"web"}';
const NO_MATCH = `spec.template.metadata.labels: Invalid value: ${LABELS}: \`selector\` does not match template \`labels\``;

const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "a", image: "b" }] },
};
const web = (spec: Draft = {}): Draft => ({
  spec: { selector: { matchLabels: { app: "web" } }, template, ...spec },
});
const rolling = (rollingUpdate: Draft): Draft =>
  web({ strategy: { type: "RollingUpdate", rollingUpdate } });
const at = "spec.strategy.rollingUpdate";

describe.each([
  ["Deployment", Deployment],
  ["ReplicaSet", ReplicaSet],
] as const)("a %s", (_, kind) => {
  test.each([
    [web({ selector: undefined }), ["spec.selector: Required value", NO_MATCH]],
    [web({ selector: { matchLabels: { app: "db" } } }), [NO_MATCH]],
    [
      web({ selector: {} }),
      [
        "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment",
      ],
    ],
    [
      web({ replicas: -1 }),
      ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      web({ template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      web({ template: { metadata: template.metadata } }),
      ["spec.template.spec.containers: Required value"],
    ],
  ])("refuses %j", (draft, wordings) => {
    expect(wordingsOf(kind as typeof Deployment, draft)).toEqual(wordings);
  });

  test("keeps its selector for good", () => {
    const labels = { app: "web", tier: "front" };
    const other = web({
      selector: { matchLabels: labels },
      template: { ...template, metadata: { labels } },
    });
    expect(updateWordingsOf(kind as typeof Deployment, web(), other)).toEqual([
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"web", "tier":"front"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    ]);
  });

  test("warns of a name that is no label", () => {
    const named = complete(kind as typeof Deployment, { ...web(), metadata: { name: "a.b" } });
    expect((kind as typeof Deployment).warnings?.(named)).toEqual([
      "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ]);
  });
});

describe("a Deployment", () => {
  test("has the defaults of Kubernetes", () => {
    expect(complete(Deployment, web()).spec).toMatchObject({
      replicas: 1,
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
  });

  test.each([
    [
      rolling({ maxSurge: 0, maxUnavailable: 0 }),
      [
        `${at}.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when \`maxSurge\` is 0`,
      ],
    ],
    [
      rolling({ maxUnavailable: "101%" }),
      [
        `${at}.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%`,
      ],
    ],
    [
      rolling({ maxSurge: "many" }),
      [
        `${at}.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"many"}: a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ],
    ],
    [
      web({ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } }),
      [`${at}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`],
    ],
    [
      web({ strategy: { type: "Ramped" } }),
      [
        'spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Ramped", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      web({ minReadySeconds: 60, progressDeadlineSeconds: 60 }),
      ["spec.progressDeadlineSeconds: Invalid value: 60: must be greater than minReadySeconds"],
    ],
  ])("refuses %j", (draft, wordings) => {
    expect(wordingsOf(Deployment, draft)).toEqual(wordings);
  });
});

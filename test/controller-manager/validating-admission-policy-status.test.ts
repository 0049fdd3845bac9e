/** What is wrong with the expressions of policies for the types they are about, as their status tells it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ValidatingAdmissionPolicy } from "../../src/api/admissionregistration/validating-admission-policy.ts";
import {
  CustomResourceDefinition,
  isTrue,
} from "../../src/api/apiextensions/custom-resource-definition.ts";
import { validatingAdmissionPolicyStatusController } from "../../src/controller-manager/validating-admission-policy-status.ts";
import { about } from "../apiserver/admission/webhook-server.ts";
import { cronTabDefinition } from "../apiserver/custom-resources/cron-tab.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [validatingAdmissionPolicyStatusController] });
});
afterEach(() => cluster.stop());

const DEPLOYMENTS = about("apps/v1", "deployments", "CREATE");

async function statusOf(spec: object) {
  await cluster.client.create(ValidatingAdmissionPolicy, "", {
    metadata: { name: "rule" },
    spec: { matchConstraints: { resourceRules: [DEPLOYMENTS] }, ...spec },
  });
  return observed();
}

async function observed() {
  let status: ValidatingAdmissionPolicy["status"];
  await eventually(async () => {
    const found = await cluster.client.get(ValidatingAdmissionPolicy, "", "rule");
    ({ status } = found);
    expect(status?.observedGeneration).toBe(found.metadata.generation);
  });
  return status;
}

describe("the status of a ValidatingAdmissionPolicy", () => {
  test("says that it was looked at, and that nothing is wrong", async () => {
    const status = await statusOf({
      variables: [{ name: "replicas", expression: "object.spec.replicas" }],
      validations: [
        {
          expression: "variables.replicas <= 5 && object.metadata.labels['app'] != ''",
          messageExpression: "'too many: ' + string(object.spec.replicas)",
        },
        { expression: "object.spec.template.spec.containers.all(c, c.image.startsWith('ours/'))" },
        { expression: "!has(oldObject.spec) || request.operation == 'UPDATE'" },
        { expression: "authorizer.group('').resource('pods').check('get').allowed()" },
      ],
    });
    expect(status).toEqual({ observedGeneration: 1, typeChecking: {} });
  });

  test("tells of fields that the objects have not, and of values of other types", async () => {
    const status = await statusOf({
      validations: [
        { expression: "object.replicas > 1", messageExpression: "string(object.spec.replica)" },
        { expression: "object.spec.replicas == 'one'" },
      ],
    });
    const [field, message, type] = status?.typeChecking?.expressionWarnings ?? [];
    expect(field).toEqual({
      fieldRef: "spec.validations[0].expression",
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
    });
    expect(message).toMatchObject({
      fieldRef: "spec.validations[0].messageExpression",
      warning: expect.stringContaining("undefined field 'replica'"),
    });
    expect(type).toMatchObject({
      fieldRef: "spec.validations[1].expression",
      warning: expect.stringContaining(
        "found no matching overload for '_==_' applied to '(int, string)'",
      ),
    });
  });

  test("tells of each kind by itself, and of none where a rule names all", async () => {
    const rules = [about("v1", "pods"), DEPLOYMENTS];
    const validations = [{ expression: "object.spec.replicas > 1" }];
    const status = await statusOf({ matchConstraints: { resourceRules: rules }, validations });
    expect(status?.typeChecking?.expressionWarnings).toEqual([
      {
        fieldRef: "spec.validations[0].expression",
        warning: expect.stringMatching(/^\/v1, Kind=Pod: ERROR: .*undefined field 'replicas'/),
      },
    ]);

    const policy = await cluster.client.get(ValidatingAdmissionPolicy, "", "rule");
    policy.spec.matchConstraints = { resourceRules: [about("*", "pods")] };
    await cluster.client.update(ValidatingAdmissionPolicy, policy);
    expect(await observed()).toEqual({ observedGeneration: 2, typeChecking: {} });
  });

  test("knows the types of custom objects", async () => {
    await cluster.client.create(CustomResourceDefinition, "", cronTabDefinition());
    await eventually(async () => {
      const name = "crontabs.stable.example.com";
      const definition = await cluster.client.get(CustomResourceDefinition, "", name);
      expect(isTrue(definition, "Established")).toBe(true);
    });
    await cluster.settle();
    const status = await statusOf({
      matchConstraints: { resourceRules: [about("stable.example.com/v1", "crontabs")] },
      validations: [
        { expression: "object.spec.replicas < 3 && object.metadata.name != 'x'" },
        { expression: "object.spec.replica < 3" },
      ],
    });
    expect(status?.typeChecking?.expressionWarnings).toEqual([
      {
        fieldRef: "spec.validations[1].expression",
        warning: expect.stringContaining("stable.example.com/v1, Kind=CronTab: ERROR:"),
      },
    ]);
  });
});

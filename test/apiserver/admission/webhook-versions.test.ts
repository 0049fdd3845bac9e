/** In which version a webhook is told of a request, and in which version of the review. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CRONTABS, cronTab, cronTabDefinition, establish } from "../custom-resources/cron-tab.ts";
import {
  about,
  type Json,
  MAPS,
  map,
  patching,
  startAskingServer,
  startWebhook,
} from "./webhook-server.ts";

const HPAS = "namespaces/default/horizontalpodautoscalers";
const MERGE = { "content-type": "application/merge-patch+json" };

let webhook: Awaited<ReturnType<typeof startWebhook>>;
let server: Awaited<ReturnType<typeof startAskingServer>>;

beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook.stop());
beforeEach(async () => {
  webhook.forget();
  server = await startAskingServer();
});
afterEach(() => server.stop());

const asked = (): Json[] => webhook.reviews.map(({ request }) => request);

async function make(path: string, body: object): Promise<Json> {
  const answer = await server.send("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}

const autoscaler = {
  metadata: { name: "web" },
  spec: {
    maxReplicas: 3,
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    targetCPUUtilizationPercentage: 70,
  },
};

describe("a webhook with rules for one version", () => {
  test("is shown a request in another one in its own, and told of both", async () => {
    const rules = [about("autoscaling/v2", "horizontalpodautoscalers", "CREATE")];
    await server.configure("validating", webhook.hook("look", { rules }));

    await make(`/apis/autoscaling/v1/${HPAS}`, autoscaler);

    expect(asked()).toMatchObject([
      {
        kind: { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" },
        resource: { version: "v2", resource: "horizontalpodautoscalers" },
        requestKind: { group: "autoscaling", version: "v1" },
        requestResource: { version: "v1" },
        object: {
          apiVersion: "autoscaling/v2",
          spec: { metrics: [{ resource: { target: { averageUtilization: 70 } } }] },
        },
      },
    ]);
  });

  test("changes it in that version", async () => {
    webhook.answers.more = () =>
      patching({ op: "replace", path: "/spec/targetCPUUtilizationPercentage", value: 90 });
    const rules = [about("autoscaling/v1", "horizontalpodautoscalers", "UPDATE")];
    await make(`/apis/autoscaling/v1/${HPAS}`, autoscaler);
    await server.configure("mutating", webhook.hook("more", { rules }));

    const path = `/apis/autoscaling/v2/${HPAS}/web`;
    const answer = await server.send("PATCH", path, { spec: { maxReplicas: 5 } }, MERGE);

    expect(answer.json.spec).toMatchObject({
      maxReplicas: 5,
      metrics: [{ resource: { target: { averageUtilization: 90 } } }],
    });
    expect(asked()).toMatchObject([{ object: { apiVersion: "autoscaling/v1" } }]);
  });

  test("is asked about requests in that one only, if it wants it exact", async () => {
    const hook = (version: string) =>
      webhook.hook(version, {
        rules: [about(`autoscaling/${version}`, "horizontalpodautoscalers", "CREATE")],
        matchPolicy: "Exact",
      });
    await server.configure("validating", hook("v1"), hook("v2"));

    await make(`/apis/autoscaling/v1/${HPAS}`, autoscaler);

    expect(webhook.reviews.map(({ path }) => path)).toEqual(["v1"]);
    expect(asked()).toMatchObject([{ kind: { version: "v1" }, requestKind: { version: "v1" } }]);
  });

  test("is asked about the same objects in another group", async () => {
    const rules = [about("events.k8s.io/v1", "events", "CREATE")];
    await server.configure("validating", webhook.hook("look", { rules }));
    const regarding = { kind: "Pod", name: "web", namespace: "default" };

    await make("/api/v1/namespaces/default/events", {
      ...{ metadata: { name: "one" }, involvedObject: regarding, message: "hello" },
    });

    expect(asked()).toMatchObject([
      {
        kind: { group: "events.k8s.io", version: "v1", kind: "Event" },
        requestKind: { group: "", version: "v1", kind: "Event" },
        object: { apiVersion: "events.k8s.io/v1", regarding, note: "hello" },
      },
    ]);
  });

  test("is asked about custom objects of another version", async () => {
    const definition = cronTabDefinition();
    const [v1] = definition.spec.versions;
    definition.spec.versions = [v1, { ...v1, name: "v2", storage: false }];
    await establish(server.transport, definition);
    const rules = [about("stable.example.com/v2", "crontabs", "CREATE")];
    await server.configure("validating", webhook.hook("look", { rules }));

    await make(CRONTABS, cronTab("mine"));

    expect(asked()).toMatchObject([
      {
        kind: { group: "stable.example.com", version: "v2", kind: "CronTab" },
        requestKind: { version: "v1" },
        object: { apiVersion: "stable.example.com/v2", spec: { image: "my-awesome-cron-image" } },
      },
    ]);
  });
});

describe("a webhook that knows reviews of v1beta1 only", () => {
  const old = (name: string, more: object = {}) =>
    webhook.hook(name, { admissionReviewVersions: ["v1beta1"], ...more });

  test("is asked in it, and need not say whose answer it is", async () => {
    webhook.answers.no = () => ({ uid: undefined, allowed: false, status: { message: "old" } });
    await server.configure("validating", old("no"));

    const answer = await server.send("POST", MAPS, map("one"));

    expect(answer.json.message).toBe('admission webhook "no.example.com" denied the request: old');
    expect(webhook.reviews).toMatchObject([
      { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1beta1" },
    ]);
  });

  test("may send a patch without its type", async () => {
    webhook.answers.add = () => {
      const { patch } = patching({ op: "add", path: "/data/added", value: "yes" });
      return { allowed: true, patch };
    };
    await server.configure("mutating", old("add"));
    const made = await make(MAPS, map("one", { a: "1" }));
    expect(made.data).toEqual({ a: "1", added: "yes" });
  });

  test("is asked in v1 if it knows that as well, and lists it first", async () => {
    await server.configure(
      "validating",
      old("first", { admissionReviewVersions: ["v2", "v1", "v1beta1"] }),
    );
    await make(MAPS, map("one"));
    expect(webhook.reviews).toMatchObject([{ apiVersion: "admission.k8s.io/v1" }]);
  });

  test("is refused if it knows neither", async () => {
    const configuration = old("look", { admissionReviewVersions: ["v2"] });
    await expect(server.configure("validating", configuration)).rejects.toThrow(
      "must include at least one of v1, v1beta1",
    );
  });
});

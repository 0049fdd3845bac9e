import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LimitRange } from "../../../src/api/limit-range.ts";
import { Pod } from "../../../src/api/pod.ts";
import { violationsOf } from "../../../src/apiserver/admission/limit-violations.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer({ admissionPlugins: ["LimitRanger"] });
});
afterEach(() => server.stop());

const limit = (...limits: object[]) =>
  server.client.create(LimitRange, "default", {
    metadata: { name: "mem" },
    spec: { limits },
  } as never);
const create = (resources: object, more: object = {}) =>
  server.client.create(Pod, "default", {
    metadata: { name: "web" },
    spec: { containers: [{ name: "web", image: "nginx", resources }], ...more },
  } as never);

describe("a LimitRange", () => {
  test("has the defaults the original fills in", async () => {
    const { spec } = await limit({
      type: "Container",
      max: { cpu: "1000m" },
      min: { memory: "64Mi" },
    });
    expect(spec.limits).toEqual([
      {
        type: "Container",
        max: { cpu: "1" },
        min: { memory: "64Mi" },
        default: { cpu: "1" },
        defaultRequest: { cpu: "1", memory: "64Mi" },
      },
    ]);
  });

  test("gives what a container does not ask for, and says so in an annotation", async () => {
    await limit({
      type: "Container",
      default: { cpu: "500m", memory: "512Mi" },
      defaultRequest: { cpu: "100m", memory: "256Mi" },
    });
    const { spec, metadata } = await create({ limits: { memory: "1Gi" } });
    expect(spec.containers[0]!.resources).toEqual({
      limits: { cpu: "500m", memory: "1Gi" },
      requests: { cpu: "100m", memory: "1Gi" },
    });
    expect(metadata.annotations).toEqual({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: cpu request for container web; cpu limit for container web",
    });
  });

  test("holds for a pod that is created right after it", async () => {
    await limit({ type: "Container", max: { memory: "1Gi" } });
    await expect(create({ limits: { memory: "1536Mi" } })).rejects.toThrow(
      'pods "web" is forbidden: maximum memory usage per Container is 1Gi, but limit is 1536Mi',
    );
  });

  test("tells of all that is wrong at once", async () => {
    await limit({ type: "Pod", max: { cpu: "1", memory: "1Gi" } });
    await expect(create({ limits: { cpu: "2" } })).rejects.toThrow(
      'pods "web" is forbidden: [maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Pod is 1Gi.  No limit is specified]',
    );
  });

  test("leaves pods that are there alone", async () => {
    await create({});
    await limit({ type: "Container", min: { cpu: "1" }, max: { cpu: "1" } });
    const patched = await server.client.patch(Pod, "default", "web", {
      metadata: { labels: { a: "b" } },
    });
    expect(patched.metadata.labels).toEqual({ a: "b" });
    expect(patched.spec.containers[0]!.resources).toEqual({});
  });
});

describe("the limits of a container", () => {
  const item = (bounds: object) => [{ type: "Container", ...bounds }];
  const cases: [string, object, object, string][] = [
    [
      "no request",
      { min: { cpu: "100m" } },
      {},
      "minimum cpu usage per Container is 100m.  No request is specified",
    ],
    [
      "a small request",
      { min: { cpu: "100m" } },
      { requests: { cpu: "50m" } },
      "minimum cpu usage per Container is 100m, but request is 50m",
    ],
    [
      "a small limit",
      { min: { cpu: "1" } },
      { requests: { cpu: "1" }, limits: { cpu: "500m" } },
      "minimum cpu usage per Container is 1, but limit is 500m",
    ],
    [
      "no limit",
      { max: { cpu: "1" } },
      {},
      "maximum cpu usage per Container is 1.  No limit is specified",
    ],
    [
      "a great limit",
      { max: { cpu: "1" } },
      { limits: { cpu: "2" } },
      "maximum cpu usage per Container is 1, but limit is 2",
    ],
    [
      "a great request",
      { max: { cpu: "1" } },
      { limits: { cpu: "1" }, requests: { cpu: "2" } },
      "maximum cpu usage per Container is 1, but request is 2",
    ],
    [
      "no request for a ratio",
      { maxLimitRequestRatio: { cpu: "2" } },
      { requests: { cpu: "0" } },
      "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
    ],
    [
      "no limit for a ratio",
      { maxLimitRequestRatio: { cpu: "2" } },
      { requests: { cpu: "1" } },
      "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
    ],
    [
      "a great ratio",
      { maxLimitRequestRatio: { cpu: "2" } },
      { requests: { cpu: "100m" }, limits: { cpu: "300m" } },
      "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
    ],
  ];

  test.each(cases)("are not kept by %s", (_, bounds, resources, words) => {
    const spec = { containers: [{ name: "web", resources }] };
    expect(violationsOf(spec, item(bounds) as never)).toEqual([words]);
  });

  test("are kept by what lies on them", () => {
    const bounds = { min: { cpu: "100m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "10" } };
    const resources = { requests: { cpu: "100m" }, limits: { cpu: "1" } };
    expect(
      violationsOf({ containers: [{ name: "web", resources }] }, item(bounds) as never),
    ).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Namespace } from "../../../src/api/namespace.ts";
import { Ingress } from "../../../src/api/networking/ingress.ts";
import { IngressClass } from "../../../src/api/networking/ingress-class.ts";
import { RuntimeClass } from "../../../src/api/node/runtime-class.ts";
import { PersistentVolume } from "../../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../../src/api/pod.ts";
import { StorageClass } from "../../../src/api/storage/storage-class.ts";
import { DEFAULT_PLUGINS } from "../../../src/apiserver/admission/plugins.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer({ admissionPlugins: ["PodNodeSelector", ...DEFAULT_PLUGINS] });
});
afterEach(() => server.stop());

type Draft = Record<string, unknown>;

const storageClass = (name: string, more: Draft = {}, isDefault = true) =>
  server.client.create(StorageClass, "", {
    metadata: {
      name,
      annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) },
    },
    provisioner: "example.com/disk",
    ...more,
  } as never);
const claim = (name: string, more: Draft = {}, annotations = {}) =>
  server.client.create(PersistentVolumeClaim, "default", {
    metadata: { name, annotations },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...more,
    },
  } as never);
const pod = (name: string, spec: Draft = {}) =>
  server.client.create(Pod, "default", {
    metadata: { name },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  } as never);
const runtimeClass = (more: Draft) =>
  server.client.create(RuntimeClass, "", {
    metadata: { name: "slow" },
    handler: "runc",
    ...more,
  } as never);

describe("a claim that names no class", () => {
  test("gets the default one, the newest if there are several", async () => {
    await storageClass("older");
    server.clock.advance(5_000);
    await storageClass("newer");
    await storageClass("other", {}, false);
    expect((await claim("data")).spec.storageClassName).toBe("newer");
  });

  test("keeps to none where it says so, or where there is no default", async () => {
    expect((await claim("one")).spec.storageClassName).toBeUndefined();
    await storageClass("standard");
    expect((await claim("two", { storageClassName: "" })).spec.storageClassName).toBe("");
    const old = { "volume.beta.kubernetes.io/storage-class": "mine" };
    expect((await claim("three", {}, old)).spec.storageClassName).toBeUndefined();
  });
});

test("an ingress that names no class gets the default one", async () => {
  const spec = { defaultBackend: { service: { name: "web", port: { number: 80 } } } };
  const ingress = (name: string, more: Draft = {}) =>
    server.client.create(Ingress, "default", { metadata: { name }, spec: { ...spec, ...more } });
  expect((await ingress("one")).spec.ingressClassName).toBeUndefined();
  await server.client.create(IngressClass, "", {
    metadata: {
      name: "public",
      annotations: { "ingressclass.kubernetes.io/is-default-class": "true" },
    },
    spec: { controller: "example.com/ingress" },
  });
  expect((await ingress("two")).spec.ingressClassName).toBe("public");
  const own = await ingress("three", { ingressClassName: "mine" });
  expect(own.spec.ingressClassName).toBe("mine");
});

test("volumes and claims are held from their first moment", async () => {
  expect((await claim("data")).metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  const volume = await server.client.create(PersistentVolume, "", {
    metadata: { name: "one" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/srv" },
    },
  });
  expect(volume.metadata.finalizers).toEqual(["kubernetes.io/pv-protection"]);
});

describe("a bound claim", () => {
  const bound = async (storageClassName: string) => {
    const made = await claim("data", { storageClassName });
    return server.client.updateStatus(PersistentVolumeClaim, {
      ...made,
      status: { phase: "Bound" },
    });
  };
  const grow = (one: PersistentVolumeClaim, storage: string) =>
    server.client.update(PersistentVolumeClaim, {
      ...one,
      spec: { ...one.spec, resources: { requests: { storage } } },
    });

  test("grows where its class lets it, and never shrinks", async () => {
    await storageClass("elastic", { allowVolumeExpansion: true });
    const grown = await grow(await bound("elastic"), "2Gi");
    expect(grown.spec.resources?.requests?.storage).toBe("2Gi");
    await expect(grow(grown, "1Gi")).rejects.toThrow(
      "spec.resources.requests.storage: Forbidden: field can not be less than previous value",
    );
  });

  test("does not grow otherwise", async () => {
    await storageClass("rigid");
    await expect(grow(await bound("rigid"), "2Gi")).rejects.toThrow(
      'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });
});

describe("a pod of a runtime class", () => {
  test("bears what the class costs, and goes where the class is", async () => {
    const toleration = { key: "slow", operator: "Exists" };
    await runtimeClass({
      overhead: { podFixed: { cpu: "250m" } },
      scheduling: { nodeSelector: { runtime: "slow" }, tolerations: [toleration] },
    });
    const { spec } = await pod("web", { runtimeClassName: "slow", nodeSelector: { disk: "ssd" } });
    expect(spec.overhead).toEqual({ cpu: "250m" });
    expect(spec.nodeSelector).toEqual({ disk: "ssd", runtime: "slow" });
    expect(spec.tolerations).toContainEqual(toleration);
  });

  test.each<[string, Draft, Draft, string]>([
    ["no such class", {}, { runtimeClassName: "fast" }, 'RuntimeClass "fast" not found'],
    [
      "an overhead without a class",
      {},
      { overhead: { cpu: "1" } },
      "Pod Overhead set without corresponding RuntimeClass defined Overhead",
    ],
    [
      "another overhead",
      { overhead: { podFixed: { cpu: "250m" } } },
      { runtimeClassName: "slow", overhead: { cpu: "1" } },
      "Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
  ])("is refused with %s", async (_, of, spec, why) => {
    await runtimeClass(of);
    await expect(pod("web", spec)).rejects.toThrow(`pods "web" is forbidden: pod rejected: ${why}`);
  });

  test("is refused where it asks for other nodes than its class", async () => {
    await runtimeClass({ scheduling: { nodeSelector: { runtime: "slow" } } });
    const spec = { runtimeClassName: "slow", nodeSelector: { runtime: "fast" } };
    await expect(pod("web", spec)).rejects.toThrow(
      'pods "web" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[runtime] = slow; pod.spec.nodeSelector[runtime] = fast',
    );
  });
});

test("the pods of a namespace go where its annotation says", async () => {
  const found = await server.client.get(Namespace, "", "default");
  const annotations = { "scheduler.alpha.kubernetes.io/node-selector": "env=test, disk=ssd" };
  await server.client.update(Namespace, {
    ...found,
    metadata: { ...found.metadata, annotations },
  });
  await server.client.get(Namespace, "", "default");
  const { spec } = await pod("one", { nodeSelector: { zone: "a" } });
  expect(spec.nodeSelector).toEqual({ env: "test", disk: "ssd", zone: "a" });
  await expect(pod("two", { nodeSelector: { env: "production" } })).rejects.toThrow(
    'pods "two" is forbidden: pod node label selector conflicts with its namespace node label selector',
  );
});

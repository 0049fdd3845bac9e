import { expect, test } from "vitest";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { namesUsedBy, usageOf } from "../../src/api/quota-usage.ts";
import { writeResources } from "../../src/api/resources.ts";
import { complete } from "./judge.ts";

const usage = (spec: object) =>
  writeResources(
    usageOf(
      PersistentVolumeClaim as never,
      complete(PersistentVolumeClaim, { spec }),
      new Date("2014-06-06T00:00:00Z"),
    ),
  );

test("a claim uses storage, and storage of its class", () => {
  const resources = { requests: { storage: "5Gi" } };
  expect(usage({ resources, storageClassName: "gold" })).toEqual({
    "count/persistentvolumeclaims": "1",
    persistentvolumeclaims: "1",
    "requests.storage": "5Gi",
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
    "gold.storageclass.storage.k8s.io/requests.storage": "5Gi",
  });
});

test("a claim that cannot be read is counted, and refused later", () => {
  expect(usage({ resources: { requests: { storage: "many" } } })).toMatchObject({
    persistentvolumeclaims: "1",
    "requests.storage": "0",
  });
});

test("a quota may count storage by class", () => {
  const gold = "gold.storageclass.storage.k8s.io/requests.storage";
  const names = ["requests.storage", gold, "pods", "count/persistentvolumeclaims"];
  expect(namesUsedBy(PersistentVolumeClaim as never, names)).toEqual(
    names.filter((name) => name !== "pods"),
  );
});

/** The custom kind of the tests as the generators want it: where it is, and an object of it. */
import { defineKind, type KubeObject } from "../../src/api/kind.ts";
import { cronTab } from "../apiserver/custom-resources/cron-tab.ts";

export const CronTabKind = defineKind<KubeObject>({
  group: "stable.example.com",
  version: "v1",
  kind: "CronTab",
  plural: "crontabs",
  namespaced: true,
  storagePrefix: "stable.example.com/crontabs",
  schema: "",
  example: cronTab("example", { replicas: 3 }),
});

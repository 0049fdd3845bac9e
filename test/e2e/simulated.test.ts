import { afterAll, beforeAll, describe, test } from "vitest";
import { oldestAndNewest } from "../support/kubectl.ts";
import { type RunningKubeling, startKubeling } from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";
import { Walk } from "./walk.ts";

describeWith(["kubectl"], "kubeling up, with simulated nodes", () => {
  let cluster: RunningKubeling;
  beforeAll(async () => {
    cluster = await startKubeling();
  });
  afterAll(() => cluster?.remove());

  describe.each(oldestAndNewest())("and kubectl 1.$minor", (kubectl) => {
    const walk = () =>
      new Walk({ kubectl, kubeconfig: cluster.kubeconfig, nodes: ["node1", "node2"] });

    test("shows both nodes Ready", () => walk().seesReadyNodes());
    test("creates an RC and a service", () => walk().createsTheExample());
    test("prints the original's columns", () => walk().printsTheOriginalsColumns());
    test("scales", () => walk().scales());
    test("replaces a deleted pod", () => walk().replacesADeletedPod());
    test("releases a relabelled pod and makes another", () => walk().releasesARelabelledPod());
    test("describes a pod with its events", () => walk().describesAPodWithItsEvents());
    test("reads logs and runs a command", () => walk().readsLogsAndRunsACommand());
    test("deletes the RC, and its pods go", () => walk().deletesEverything());
  });
});

import { describe, expect, test } from "vitest";
import { parseFlags } from "../../src/component/flags.ts";
import { schedulerFlags } from "../../src/scheduler/flags.ts";

/** Every flag of kube-scheduler in the documentation of 1.2, 1.4 and 1.5. */
const DOCUMENTED = `
  address algorithm-provider failure-domains feature-gates google-json-key
  hard-pod-affinity-symmetric-weight kube-api-burst kube-api-content-type kube-api-qps
  kubeconfig leader-elect leader-elect-lease-duration leader-elect-renew-deadline
  leader-elect-retry-period log-flush-frequency master policy-config-file port profiling
  scheduler-name
`
  .trim()
  .split(/\s+/);

describe("the flags of kube-scheduler", () => {
  test("are all that were documented, or more", () => {
    expect(Object.keys(schedulerFlags)).toEqual(expect.arrayContaining(DOCUMENTED));
  });

  test("are those of a unit file of the time", () => {
    const args = [
      "--logtostderr=true",
      "--v=0",
      "--master=http://k8s-master:8080",
      "--leader_elect=false",
    ];
    const { values, warnings, notices } = parseFlags(schedulerFlags, args);
    expect(values).toMatchObject({
      master: "http://k8s-master:8080",
      "leader-elect": false,
      port: 10251,
    });
    expect([...warnings, ...notices]).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { commonFlags } from "../../src/client/daemon-flags.ts";
import { electionOf } from "../../src/client/election-options.ts";
import { parseFlags } from "../../src/component/flags.ts";

const election = (...args: string[]) =>
  electionOf(parseFlags(commonFlags("kube-scheduler"), args).values);

describe("the election of a daemon", () => {
  test("is about a Lease with the daemon's name in kube-system, if the flags say nothing else", () => {
    expect(election()).toEqual({
      namespace: "kube-system",
      name: "kube-scheduler",
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
    });
    const others = [
      "--leader-elect-resource-lock=leases",
      "--leader-elect-resource-name=mine",
      "--leader-elect-resource-namespace=class",
    ];
    expect(election(...others)).toMatchObject({ namespace: "class", name: "mine" });
  });

  test.each([
    [
      "--leader-elect-resource-lock=endpoints",
      "error creating lock: endpoints lock is removed, migrate to endpointsleases (using version v0.27.x)",
    ],
    ["--leader-elect-resource-lock=files", "error creating lock: Invalid lock-type files"],
    ["--leader-elect-resource-name=", "leaderElection.resourceName: Required value"],
    ["--leader-elect-resource-namespace=", "leaderElection.resourceNamespace: Required value"],
    ["--leader-elect-lease-duration=10s", "leaseDuration must be greater than renewDeadline"],
    [
      "--leader-elect-retry-period=9s",
      "renewDeadline must be greater than retryPeriod*JitterFactor",
    ],
    ["--leader-elect-retry-period=0", "retryPeriod must be greater than zero"],
  ])("is refused with %s", (flag, message) => {
    expect(() => election(flag)).toThrow(message);
  });
});

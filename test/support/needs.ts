/**
 * What a test needs of its machine beyond Node: said in the test, checked here, and where it is
 * missing the test is skipped out loud. In CI (KUBELING_NEEDS=all) nothing may be missing.
 */
import { execFileSync } from "node:child_process";
import { describe, test } from "vitest";

const CHECKS = {
  root: () => process.getuid?.() === 0,
  etcd: () => isOnPath("etcd"),
  docker: () => isOnPath("dockerd") && isOnPath("docker"),
  iptables: () => isOnPath("iptables-restore"),
  kubectl: () => isOnPath("kubectl"),
  busybox: () => isOnPath("busybox"),
  registry: () => isOnPath("docker-registry"),
  dig: () => isOnPath("dig"),
  getent: () => isOnPath("getent"),
  curl: () => isOnPath("curl"),
  systemd: () => isOnPath("systemd-analyze"),
  "python3-kubernetes": () => runs("/usr/bin/python3", "-c", "import kubernetes"),
  "ruby-kubeclient": () => runs("/usr/bin/ruby", "-e", "require 'kubeclient'"),
};

export type Need = keyof typeof CHECKS;

/** `describe` where everything needed is here; otherwise a skipped `describe` that names what is not. */
export function describeWith(needs: Need[], name: string, body: () => void): void {
  const missing = missingOf(needs);
  if (missing.length === 0) describe(name, body);
  else skipped(describe.skip, name, missing, body);
}

/** The same for one test. */
export function testWith(needs: Need[], name: string, body: () => Promise<void> | void): void {
  const missing = missingOf(needs);
  if (missing.length === 0) test(name, body);
  else skipped(test.skip, name, missing, body);
}

function skipped(
  skip: (name: string, body: () => void) => void,
  name: string,
  missing: Need[],
  body: () => unknown,
): void {
  const label = `${name} (SKIPPED: needs ${missing.join(", ")})`;
  if (process.env.KUBELING_NEEDS === "all") throw new Error(label);
  process.stderr.write(`${label}\n`);
  skip(label, () => void body());
}

function missingOf(needs: Need[]): Need[] {
  return needs.filter((need) => !CHECKS[need]());
}

function isOnPath(program: string): boolean {
  return runs("sh", "-c", `command -v ${program}`);
}

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    if (status === undefined && code !== "ENOENT") throw error;
    return false;
  }
}

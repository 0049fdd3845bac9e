import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningKubeling, startCommand, startKubeling } from "../support/kubeling-process.ts";

describe("kubeling explain service", () => {
  let cluster: RunningKubeling;
  beforeAll(async () => {
    cluster = await startKubeling();
    await post("services", {
      metadata: { name: "web" },
      spec: { ports: [{ port: 80 }] },
    });
    await post("endpoints", {
      metadata: { name: "web" },
      subsets: [{ addresses: [{ ip: "10.244.1.2" }, { ip: "10.244.2.2" }], ports: [{ port: 80 }] }],
    });
  });
  afterAll(() => cluster?.remove());

  test.each(["iptables", "userspace"])("tells the way in mode %s, without root", async (mode) => {
    const command = run("service", "web", `--proxy-mode=${mode}`);
    expect(await command.ended).toBe(0);
    expect(command.output()).toContain(`Service default/web on node node1, --proxy-mode=${mode}`);
    expect(command.output()).toContain("10.244.1.2:80");
    expect(command.output()).toContain("10.244.2.2:80");
  });

  test.each([
    [["service", "nonesuch"], 'Error from server: services "nonesuch" not found\n'],
    [["service"], "error: expected: kubeling explain service|pod|rc NAME\n"],
    [
      ["service", "web", "--proxy-mode=x"],
      'error: --proxy-mode must be iptables or userspace, not "x"\n',
    ],
  ])("refuses %s", async (args, sentence) => {
    const command = run(...args);
    expect(await command.ended).toBe(1);
    expect(command.output()).toBe(sentence);
  });

  function run(...args: string[]) {
    return startCommand("kubeling", ["explain", ...args], { KUBECONFIG: cluster.kubeconfig });
  }

  async function post(plural: string, body: object): Promise<void> {
    const url = `http://127.0.0.1:${cluster.port}/api/v1/namespaces/default/${plural}`;
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(201);
  }
});

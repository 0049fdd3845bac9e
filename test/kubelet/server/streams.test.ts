/** The kubelet's streams as kubectl sees them: through an API server, with every kubectl at hand. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { type ApiServer, startApiServer } from "../../../src/apiserver/apiserver.ts";
import { openMemoryStore } from "../../../src/apiserver/storage/embedded-store.ts";
import { Client } from "../../../src/client/client.ts";
import { createInformers } from "../../../src/client/informer.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { linkedPair } from "../../../src/component/linked-pair.ts";
import { silentLog } from "../../../src/component/log.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { startKubelet } from "../../../src/kubelet/kubelet.ts";
import { createKubeletServer } from "../../../src/kubelet/server/server.ts";
import { SimulatedNetwork } from "../../../src/simulator/network.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { kubectls, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";
import { simulatedNode } from "../simulated-node.ts";

const MEBIBYTE = 1024 * 1024;

let server: ApiServer;
let kubeconfig: string;
let directory: string;
const lifetime = new AbortController();

beforeAll(async () => {
  const base = { clock: systemClock, random: systemRandom, log: silentLog };
  let kubeletServer: ReturnType<typeof createKubeletServer>;
  server = await startApiServer({
    ...base,
    store: openMemoryStore({ log: silentLog }),
    connectToKubelet: async () => {
      const [ours, theirs] = linkedPair();
      kubeletServer.emit("connection", theirs);
      return ours;
    },
  });
  const client = new Client(server.transport);
  const parts = { ...base, client, signal: lifetime.signal };
  const node = simulatedNode({
    ...{ nodeName: "node1", number: 1, network: new SimulatedNetwork() },
    ...{ clock: systemClock, random: systemRandom },
  });
  const kubelet = await startKubelet({ ...parts, informers: createInformers(parts) }, node);
  kubeletServer = createKubeletServer(kubelet);
  for (const [name, image] of [
    ["box", "busybox"],
    ["web", "nginx"],
  ] as const) {
    const command = name === "box" ? { command: ["sleep", "infinity"] } : {};
    const spec = { nodeName: "node1", containers: [{ name, image, ...command }] };
    await client.create(Pod, "default", { metadata: { name }, spec });
  }
  const port = await freePort();
  await server.listen({ address: "127.0.0.1", port });
  directory = mkdtempSync(join(tmpdir(), "streams-"));
  kubeconfig = join(directory, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`));
  await eventually(async () => {
    for (const name of ["box", "web"]) {
      expect((await client.get(Pod, "default", name)).status?.phase).toBe("Running");
    }
  });
});

afterAll(async () => {
  lifetime.abort();
  await server.stop();
  rmSync(directory, { recursive: true });
});

describeWith(["kubectl"], "kubectl", () => {
  for (const kubectl of kubectls()) {
    const run = (args: string[], input?: string) => runKubectl(kubectl, kubeconfig, args, input);

    test(`1.${kubectl.minor} runs a command and passes on its exit code`, async () => {
      const script = "hostname; echo complaint >&2; exit 7";
      const { code, stdout, stderr } = await run(["exec", "box", "--", "sh", "-c", script]);

      expect(stdout).toBe("box\n");
      expect(stderr).toMatch(/complaint\ncommand terminated with exit code 7/);
      expect(code).toBe(7);
    });
  }

  for (const kubectl of oldestAndNewest()) {
    const run = (args: string[], input?: string) => runKubectl(kubectl, kubeconfig, args, input);

    test(`1.${kubectl.minor} sends its standard input, and its end`, async () => {
      const input = "x".repeat(300_000);
      const { stdout, code } = await run(["exec", "-i", "box", "--", "cat"], input);

      expect(stdout.length).toBe(input.length);
      expect(code).toBe(0);
    });

    test(`1.${kubectl.minor} gets 32 MiB of output, all of it`, async () => {
      const line = "y".repeat(1023);
      const script = `for i in $(seq 32768); do echo ${line}; done`;
      const { stdout } = await run(["exec", "box", "--", "sh", "-c", script]);

      expect(stdout.length).toBe(32 * MEBIBYTE);
    });

    test(`1.${kubectl.minor} is told that there is no such program`, async () => {
      const { stderr, code } = await run(["exec", "box", "--", "nonesuch"]);

      expect(stderr).toContain('exec: "nonesuch": executable file not found in $PATH');
      expect(code).not.toBe(0);
    });

    test(`1.${kubectl.minor} reads the log`, async () => {
      const { stdout } = await run(["logs", "web"]);

      expect(stdout).toContain("[notice] 1#1: nginx");
    });

    test(`1.${kubectl.minor} forwards a port`, async () => {
      const port = await freePort();
      const child = spawn(kubectl.path, ["port-forward", "pod/web", `${port}:80`], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
      });
      try {
        await said(child, "Forwarding from");
        const bodies = await Promise.all([1, 2, 3].map(() => fetched(port)));
        for (const body of bodies) expect(body).toContain("Welcome to nginx!");
      } finally {
        child.kill();
      }
    });
  }
});

function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", () => reject(new Error(text)));
    child.stderr?.on("data", (chunk) => {
      text += String(chunk);
    });
    child.stdout?.on("data", (chunk) => {
      text += String(chunk);
      if (text.includes(words)) resolve();
    });
  });
}

function fetched(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += String(chunk);
      });
      response.once("end", () => resolve(body));
    }).once("error", reject);
  });
}

function kubeconfigFor(url: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: url } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "" } }],
    "current-context": "test",
  });
}

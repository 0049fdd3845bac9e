import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/component/clock.ts";
import { parseFlags } from "../../../src/component/flags.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { kubeletFlags } from "../../../src/kubelet/flags.ts";
import { startServers } from "../../../src/kubelet/server/servers.ts";
import { freePort } from "../../support/free-port.ts";
import { startTestNode } from "../test-node.ts";

describe("the ports of the kubelet", () => {
  test("speak TLS with the certificate it has signed itself, but for the read-only one", async () => {
    const directory = mkdtempSync(join(tmpdir(), "kubelet-servers-"));
    const node = await startTestNode();
    const [port, readOnlyPort] = [await freePort(), await freePort()];
    const args = [`--cert-dir=${directory}`, `--port=${port}`, `--read-only-port=${readOnlyPort}`];
    const { values: flags, given } = parseFlags(kubeletFlags, [...args, "--healthz-port=0"]);
    const daemon = { flags, given, clock: systemClock, random: systemRandom };
    const servers = await startServers(node.kubelet, daemon);

    const ca = readFileSync(join(directory, "kubelet.crt"));
    const asked = request({ host: "127.0.0.1", port, path: "/healthz", ca, servername: "node1" });
    asked.end();
    const [response] = await once(asked, "response");
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, "end");
    expect((await fetch(`http://127.0.0.1:${readOnlyPort}/healthz`)).status).toBe(200);

    await servers.stop();
    await node.stop();
    rmSync(directory, { recursive: true });
  });
});

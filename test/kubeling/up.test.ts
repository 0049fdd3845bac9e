import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { restartKubeling, startCommand, startKubeling } from "../support/kubeling-process.ts";

describe("kubeling up", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-up-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Starts it where it cannot start: exit code 1 and one sentence. */
  async function refused(...args: string[]): Promise<string> {
    const [port, securePort] = [await freePort(), await freePort()];
    const ports = ["--port", `${port}`, "--secure-port", `${securePort}`];
    const process = startCommand("kubeling", ["up", "--data-dir", directory, ...ports, ...args]);
    expect(await process.ended).toBe(1);
    expect(process.output().trim().split("\n")).toHaveLength(1);
    return process.output().trim();
  }

  test("says which port is in use", async () => {
    const port = await freePort();
    const other = await listenOn(port);
    const sentence = await refused("--port", `${port}`);
    other.close();
    expect(sentence).toBe(
      `kubeling up: cannot listen on 127.0.0.1:${port}: port ${port} is in use; choose another with --port or --secure-port`,
    );
  });

  test("says that the data directory is in use", async () => {
    const running = await startKubeling();
    const sentence = await refused("--data-dir", running.dataDirectory);
    await running.remove();
    expect(sentence).toBe(
      `kubeling up: the data directory ${running.dataDirectory} is in use by another kubeling; stop it or choose another --data-dir`,
    );
  });

  test("says that the data directory cannot be written", async () => {
    writeFileSync(join(directory, "file"), "");
    expect(await refused("--data-dir", join(directory, "file/data"))).toBe(
      `kubeling up: cannot write to the data directory ${join(directory, "file/data")}: a part of the path is a file`,
    );
  });

  test("says that etcd does not answer", async () => {
    const port = await freePort();
    expect(await refused(`--etcd-servers=http://127.0.0.1:${port}`)).toBe(
      `kubeling up: etcd does not answer: etcd at http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  test.each([
    [["--nodes=-1"], "--nodes must be from 0 to 2000, not -1"],
    [["--runtime=x"], '--runtime must be simulated or docker, not "x"'],
    [
      ["--runtime=docker", "--nodes=3"],
      "--runtime=docker runs one node, this machine; leave out --nodes",
    ],
    [["--without=x"], '--without takes controller-manager, scheduler, kubelet, not "x"'],
    [["--secure-port=0"], "--secure-port must be from 1 to 65535, not 0"],
  ])("refuses %s", async (args, sentence) => {
    expect(await refused(...args)).toBe(`kubeling up: ${sentence}`);
  });

  test("finds everything again after kill -9, and stops cleanly when asked", async () => {
    const first = await startKubeling();
    const url = (port: number) => `http://127.0.0.1:${port}/api/v1/namespaces/default/configmaps`;
    const body = JSON.stringify({ metadata: { name: "kept" }, data: { a: "b" } });
    const created = await fetch(url(first.port), { method: "POST", body, headers: JSON_TYPE });
    expect(created.status).toBe(201);
    await first.kill();

    const second = await restartKubeling(first);
    const kept = (await (await fetch(`${url(second.port)}/kept`)).json()) as { data: object };
    expect(kept.data).toEqual({ a: "b" });
    second.child.kill("SIGINT");
    expect(await second.ended).toBe(0);
    await second.remove();
  });

  test("leaves out what --without names", async () => {
    const running = await startKubeling("--without=scheduler,kubelet");
    expect(running.output()).toContain("apiserver, controller-manager\n");
    const nodes = await fetch(`http://127.0.0.1:${running.port}/api/v1/nodes`);
    expect(((await nodes.json()) as { items: object[] }).items).toEqual([]);
    await running.remove();
  });
});

const JSON_TYPE = { "content-type": "application/json" };

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Daemons of other times than ours, and one that does not answer. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DockerConnection } from "../../../src/kubelet/runtime/docker/docker-connection.ts";
import { NotFoundError } from "../../../src/kubelet/runtime/runtime.ts";
import { ManualClock } from "../../support/manual-clock.ts";

interface Answer {
  status?: number;
  body: unknown;
}

let directory: string;
let server: Server;
let connection: DockerConnection;
let clock: ManualClock;
let asked: string[];
let answers: Record<string, Answer>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "kubeling-daemon-"));
  asked = [];
  answers = {};
  clock = new ManualClock();
  server = createServer((request, response) => {
    asked.push(request.url!);
    const answer = answers[request.url!];
    if (!answer) return;
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  server.listen(join(directory, "docker.sock"));
  await once(server, "listening");
  connection = new DockerConnection(`unix://${directory}/docker.sock`, clock);
});
afterEach(() => {
  connection.close();
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

function daemonOf(ApiVersion: string, MinAPIVersion?: string) {
  answers["/version"] = { body: { Version: "1.2.3", ApiVersion, MinAPIVersion } };
}
const info = () => connection.ask((docker) => docker.info());

describe("the version of Docker's API", () => {
  test.each([
    ["the daemon's, when it is the older", "1.26", undefined, "1.26"],
    ["the daemon's, when it is the oldest we know", "1.24", undefined, "1.24"],
    ["ours, when the daemon is newer", "1.52", "1.44", "1.44"],
  ])("is %s", async (_, theirs, theirOldest, expected) => {
    daemonOf(theirs, theirOldest);
    answers[`/v${expected}/info`] = { body: { ID: "it" } };

    expect(await info()).toEqual({ ID: "it" });
    await info();

    expect(asked).toEqual(["/version", `/v${expected}/info`, `/v${expected}/info`]);
  });

  test("is compared by number, not by letter", async () => {
    daemonOf("1.100", "1.9");

    expect((await connection.checkVersion()).apiVersion).toBe("1.44");
  });

  test("cannot be older than Docker 1.12's", async () => {
    daemonOf("1.23");

    await expect(connection.checkVersion()).rejects.toThrow(
      "Docker API version is older than 1.24: the daemon speaks 1.23; Docker 1.12 or later is needed",
    );
    await expect(info()).rejects.toThrow("Docker API version is older than 1.24");
  });

  test("cannot be older than the daemon still understands", async () => {
    daemonOf("1.60", "1.50");

    await expect(info()).rejects.toThrow(
      "client version 1.44 is too old. Minimum supported API version is 1.50",
    );
  });

  test("is agreed on again when the daemon has been replaced", async () => {
    daemonOf("1.26");
    expect(await connection.checkVersion()).toEqual({ version: "1.2.3", apiVersion: "1.26" });
    daemonOf("1.41");

    expect(await connection.checkVersion()).toEqual({ version: "1.2.3", apiVersion: "1.41" });
    expect(await connection.speaks("1.34")).toBe(true);
    expect(await connection.speaks("1.42")).toBe(false);
  });

  test("is asked for again after a daemon was not there", async () => {
    answers["/version"] = { status: 503, body: { message: "starting" } };
    await expect(info()).rejects.toThrow("Error response from daemon: starting");
    daemonOf("1.30");
    answers["/v1.30/info"] = { body: { ID: "it" } };

    expect(await info()).toEqual({ ID: "it" });
  });
});

describe("a daemon", () => {
  beforeEach(() => daemonOf("1.41"));

  test("that does not answer is waited for two minutes", async () => {
    await connection.checkVersion();
    const waiting = info();
    await expect.poll(() => asked).toContain("/v1.41/info");

    clock.advance(120_000);

    await expect(waiting).rejects.toThrow("operation timeout: context deadline exceeded");
    expect(clock.pending).toBe(0);
  });

  test("that does not answer is left when nobody wants the answer", async () => {
    const patience = new AbortController();
    const waiting = connection.ask((docker) => docker.info(), { signal: patience.signal });
    await expect.poll(() => asked).toContain("/v1.41/info");

    patience.abort(new Error("the pod is gone"));

    await expect(waiting).rejects.toThrow("the pod is gone");
    expect(clock.pending).toBe(0);
  });

  test.each([
    [404, { message: "No such container: x" }, NotFoundError, "No such container: x"],
    [409, { message: "Conflict." }, Error, "Conflict."],
    [500, { message: "server (really) - broken " }, Error, "server (really) - broken"],
  ])("answering %i is quoted", async (status, body, type, words) => {
    answers["/v1.41/containers/x/json"] = { status, body };

    const asking = connection.ask((docker) => docker.getContainer("x").inspect());

    await expect(asking).rejects.toThrow(type);
    await expect(asking).rejects.toMatchObject({ message: `Error response from daemon: ${words}` });
  });

  test("is quoted as well where a stream was asked for", async () => {
    answers["/v1.41/containers/x/logs?follow=true"] = {
      status: 404,
      body: { message: "No such container: x" },
    };

    const opening = connection.open(
      "/containers/x/logs",
      { follow: true },
      new AbortController().signal,
    );

    await expect(opening).rejects.toMatchObject({
      name: "NotFoundError",
      message: "Error response from daemon: No such container: x",
    });
  });
});

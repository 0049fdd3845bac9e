/** Units of a host of the lab, with real processes, and the socket by which systemctl reaches them. */
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/component/clock.ts";
import { askControl, serveControl } from "../../../src/kubeling/hosts/control.ts";
import { Service } from "../../../src/kubeling/hosts/service.ts";
import { parseUnit } from "../../../src/kubeling/hosts/unit-file.ts";
import { eventually } from "../../support/eventually.ts";

const SLEEPER = `
[Unit]
Description=Somebody who sleeps
[Service]
ExecStart=/bin/sh -c 'exec sleep 1000'
Restart=on-failure
RestartSec=0
`;

describe("a unit of a host of the lab", () => {
  let directory: string;
  let service: Service;
  let server: Server;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-control-"));
    service = new Service(parseUnit("sleeper.service", [SLEEPER]), {
      clock: systemClock,
      logFile: join(directory, "log"),
      onChange: () => undefined,
    });
    server = await serveControl([service], join(directory, "socket"));
    await service.start();
  });
  afterEach(async () => {
    await service.stop();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const ask = (action: "start" | "stop" | "restart" | "status", unit = "sleeper.service") =>
    askControl(action, unit, join(directory, "socket"));

  test("says what it is, how it is, and its process", async () => {
    expect(await ask("status")).toEqual({
      code: 0,
      text: `sleeper.service - Somebody who sleeps\n     Active: active\n   Main PID: ${service.status.pid}\n`,
    });
  });

  test("that is stopped has no process, and is not started again until it is told to", async () => {
    const pid = service.status.pid!;
    expect(await ask("stop")).toEqual({ code: 0, text: "" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect((await ask("status")).code).toBe(3);
    expect(service.status).toEqual({ state: "inactive", pid: undefined, restarts: 0 });

    expect(await ask("start")).toEqual({ code: 0, text: "" });
    expect(service.status.state).toBe("active");
    expect(service.status.pid).not.toBe(pid);
  });

  test("that is restarted has another process", async () => {
    const { pid } = service.status;
    expect(await ask("restart")).toEqual({ code: 0, text: "" });
    expect(service.status).toMatchObject({ state: "active", restarts: 0 });
    expect(service.status.pid).not.toBe(pid);
  });

  test("that was killed is started again, and that is counted", async () => {
    const pid = service.status.pid!;
    process.kill(pid, "SIGKILL");
    await eventually(() => {
      expect(service.status).toMatchObject({ state: "active", restarts: 1 });
      expect(service.status.pid).not.toBe(pid);
    });
  });

  test("that is not there is refused in the words of systemctl", async () => {
    expect(await ask("stop", "firewalld.service")).toEqual({
      code: 5,
      text: "Failed to stop firewalld.service: Unit firewalld.service not loaded.\n",
    });
    expect(await ask("status", "firewalld.service")).toEqual({
      code: 4,
      text: "Unit firewalld.service could not be found.\n",
    });
  });
});

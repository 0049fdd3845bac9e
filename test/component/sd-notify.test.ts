import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notifySystemd } from "../../src/component/sd-notify.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notify-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("telling systemd", () => {
  test("does nothing where nobody listens", async () => {
    expect(await notifySystemd("READY=1", { PATH: folder })).toBe(false);
  });

  test("says in whose name it speaks, and through which socket", async () => {
    const program = join(folder, "systemd-notify");
    writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" > ${folder}/said\n`);
    chmodSync(program, 0o755);
    expect(await notifySystemd("READY=1", { PATH: folder, NOTIFY_SOCKET: "/run/x" })).toBe(true);
    const said = readFileSync(join(folder, "said"), "utf8");
    expect(said).toBe(`/run/x --pid=${process.pid} READY=1\n`);
  });

  test("fails where the program is missing, for the log to tell", async () => {
    const environment = { PATH: folder, NOTIFY_SOCKET: "/run/x" };
    await expect(notifySystemd("READY=1", environment)).rejects.toThrow("ENOENT");
  });
});

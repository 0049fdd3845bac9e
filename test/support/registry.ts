/** A private registry that asks for a password: Debian's docker-registry, on a free port of loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegistryCredentials } from "../../src/kubelet/runtime/runtime.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

/** bcrypt of the password below, as htpasswd -B writes it. */
const HTPASSWD = "teacher:$2b$04$T8UJnA6SY9m99dEUplxcMuHQmWdOemaj4oPGxpYPjlQyyPJveS73u\n";

export interface TestRegistry {
  /** "127.0.0.1:port": what the names of its images begin with. */
  address: string;
  credentials: RegistryCredentials;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-registry-"));
  const address = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(directory, "htpasswd"), HTPASSWD);
  writeFileSync(join(directory, "config.yml"), configuration(directory, address));
  const registry = spawn("docker-registry", ["serve", join(directory, "config.yml")], {
    stdio: "ignore",
  });
  const stop = async () => {
    if (registry.exitCode === null) {
      registry.kill("SIGTERM");
      await once(registry, "exit");
    }
    rmSync(directory, { recursive: true });
  };
  try {
    await eventually(() => fetch(`http://${address}/v2/`));
  } catch (error) {
    await stop();
    throw error;
  }
  const credentials = { username: "teacher", password: "chalk", serverAddress: address };
  return { address, credentials, stop };
}

function configuration(directory: string, address: string): string {
  return [
    'version: "0.1"',
    "log: { level: error }",
    `storage: { filesystem: { rootdirectory: ${directory}/data } }`,
    `http: { addr: "${address}" }`,
    `auth: { htpasswd: { realm: school, path: ${directory}/htpasswd } }`,
    "",
  ].join("\n");
}

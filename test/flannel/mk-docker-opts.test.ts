import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeDockerOptions } from "../../src/flannel/mk-docker-opts.ts";

const SUBNET_FILE =
  "FLANNEL_NETWORK=172.17.0.0/16\nFLANNEL_SUBNET=172.17.68.1/24\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=false\n";

function call(args: string, { file = SUBNET_FILE, isMissing = false, environment = {} } = {}) {
  const written: Record<string, string> = {};
  const read: string[] = [];
  let stderr = "";
  const code = makeDockerOptions({
    args: args.split(" ").filter((arg) => arg !== ""),
    environment,
    read(path) {
      read.push(path);
      return isMissing ? undefined : file;
    },
    write(path, text) {
      written[path] = text;
    },
    stderr(text) {
      stderr += text;
    },
  });
  return { code, written, read, stderr };
}

const INDIVIDUAL =
  'DOCKER_OPT_BIP="--bip=172.17.68.1/24"\n' +
  'DOCKER_OPT_IPMASQ="--ip-masq=true"\n' +
  'DOCKER_OPT_MTU="--mtu=1472"\n';
const COMBINED = '" --bip=172.17.68.1/24 --ip-masq=true --mtu=1472"\n';

describe("mk-docker-opts", () => {
  test("writes what the unit of CentOS 7 asks for", () => {
    const { code, written, read } = call("-k DOCKER_NETWORK_OPTIONS -d /run/flannel/docker");
    expect(code).toBe(0);
    expect(read).toEqual(["/run/flannel/subnet.env"]);
    expect(written).toEqual({
      "/run/flannel/docker": `${INDIVIDUAL}DOCKER_NETWORK_OPTIONS=${COMBINED}`,
    });
  });

  test.each([
    ["", `${INDIVIDUAL}DOCKER_OPTS=${COMBINED}`],
    ["-i", INDIVIDUAL],
    ["-c", `DOCKER_OPTS=${COMBINED}`],
    ["-ic", `${INDIVIDUAL}DOCKER_OPTS=${COMBINED}`],
    ["-ckNAME", `NAME=${COMBINED}`],
    ["-c -m", 'DOCKER_OPTS=" --bip=172.17.68.1/24 --mtu=1472"\n'],
  ])("writes with %j: %j", (args, text) => {
    expect(call(args).written).toEqual({ "/run/docker_opts.env": text });
  });

  test("leaves masquerading to flannel when that does it", () => {
    const file = SUBNET_FILE.replace("=false", "=true");
    expect(call("-i", { file }).written["/run/docker_opts.env"]).toContain(
      'DOCKER_OPT_IPMASQ="--ip-masq=false"',
    );
  });

  test("refuses a wrong value, and writes nothing", () => {
    const file = SUBNET_FILE.replace("=false", "=perhaps");
    expect(call("", { file })).toMatchObject({
      code: 1,
      stderr: "Invalid value of FLANNEL_IPMASQ: perhaps\n",
      written: {},
    });
  });

  test("adds to what is in the environment, options of one's own included", () => {
    const environment = { DOCKER_OPTS: "--debug", DOCKER_OPT_DNS: "--dns=10.254.0.10" };
    expect(call("-c", { environment }).written["/run/docker_opts.env"]).toBe(
      'DOCKER_OPTS="--debug  --bip=172.17.68.1/24 --dns=10.254.0.10 --ip-masq=true --mtu=1472"\n',
    );
  });

  test("does without a subnet file", () => {
    expect(call("", { isMissing: true })).toMatchObject({
      code: 0,
      written: { "/run/docker_opts.env": 'DOCKER_OPTS=""\n' },
    });
  });

  test.each(["-h", "-?", "-x", "-f"])("explains itself with %s", (args) => {
    const { code, stderr, written } = call(args);
    expect(code).toBe(1);
    expect(stderr).toContain("Generate Docker daemon options based on flannel env file");
    expect(written).toEqual({});
  });

  test("writes what a shell reads back as it was meant", () => {
    const directory = mkdtempSync(join(tmpdir(), "kubeling-mk-docker-opts-"));
    try {
      const path = join(directory, "docker");
      writeFileSync(path, call("-d out -k DOCKER_NETWORK_OPTIONS").written.out!);
      const script = `. ${path}; printf '%s|' $DOCKER_NETWORK_OPTIONS "$DOCKER_OPT_BIP"`;
      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
        "--bip=172.17.68.1/24|--ip-masq=true|--mtu=1472|--bip=172.17.68.1/24|",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

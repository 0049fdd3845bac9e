/**
 * The command `kubeling hosts`: a lab of three hosts on one Linux machine.
 *
 * In Kubernetes: not there.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { keepProcessAlive, systemClock } from "../../component/clock.ts";
import { CommandError, commandRunner } from "../../component/command.ts";
import { FlagError, flag, parseFlags } from "../../component/flags.ts";
import { UsageError } from "../usage-error.ts";
import { boot } from "./boot.ts";
import { HOSTS, type Host, hostNamed } from "./host.ts";
import { Lab } from "./lab.ts";
import { isComplete } from "./power.ts";
import { statusTable } from "./status-table.ts";
import { systemctl } from "./systemctl.ts";

const USAGE = `kubeling hosts: three hosts on this machine: ${HOSTS.map(({ name }) => name).join(", ")}

Usage:
  kubeling hosts up                  make them and start their units
  kubeling hosts down                remove them, and all they left
  kubeling hosts status              their units and their cables
  kubeling hosts exec HOST -- CMD    run a command on one
  kubeling hosts cut HOST            pull its network cable
  kubeling hosts heal HOST           put it back
  kubeling hosts stop HOST           pull its plug
  kubeling hosts start HOST          switch it on again

Flags:
  --state-dir string    what the hosts have on disk (default "/var/lib/kubeling-hosts")
  --timeout duration    how long up waits (default 2m0s)
`;

const hostsFlags = {
  "state-dir": flag("string", "/var/lib/kubeling-hosts", "What the hosts have on disk."),
  timeout: flag("duration", 120_000, "How long up waits."),
};

/** What the hosts are made of, and the packages it is in. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  iptables: "iptables",
  sysctl: "procps",
  unshare: "util-linux",
  dockerd: "docker.io",
  etcd: "etcd-server",
  etcdctl: "etcd-client",
  "docker-registry": "docker-registry",
  busybox: "busybox-static",
};

/** Resolves to the exit code. */
export async function hosts(args: readonly string[]): Promise<number> {
  keepProcessAlive();
  try {
    const end = args.indexOf("--");
    const own = end < 0 ? args : args.slice(0, end);
    const { values, positional } = parseFlags(hostsFlags, own);
    const [command = "help", ...rest] = positional;
    return await runCommand(command, rest, end < 0 ? [] : args.slice(end + 1), values);
  } catch (error) {
    if (!isForTheUser(error)) throw error;
    process.stderr.write(`kubeling hosts: ${error.message}\n`);
    return 1;
  }
}

async function runCommand(
  command: string,
  rest: readonly string[],
  line: readonly string[],
  flags: { "state-dir": string; timeout: number },
): Promise<number> {
  if (command === "boot") {
    await boot(rest, systemClock);
    return new Promise(() => undefined);
  }
  if (command === "systemctl") return systemctl(rest);
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const directory = flags["state-dir"];
  const run = commandRunner();
  const lab = new Lab({ directory, run, clock: systemClock, say });
  switch (command) {
    case "up":
      await up(lab, flags.timeout, say);
      return 0;
    case "down":
      refuseUnlessRoot();
      await lab.down();
      return 0;
    case "status":
      process.stdout.write(statusTable(await lab.report()));
      return 0;
    case "exec":
      return execute(lab.within(named(rest)), line.length > 0 ? line : rest.slice(1));
    case "cut":
    case "heal":
    case "stop":
    case "start":
      refuseUnlessRoot();
      await lab[command](named(rest));
      return 0;
    case "help":
      process.stdout.write(USAGE);
      return 0;
    default:
      throw new UsageError(`unknown command ${JSON.stringify(command)}\n\n${USAGE}`);
  }
}

async function up(lab: Lab, timeoutMs: number, say: (line: string) => void): Promise<void> {
  refuseUnlessRoot();
  if (!isComplete()) throw new UsageError("there is no build: npm run build");
  const missing = await missingPrograms();
  if (missing.length > 0) throw new UsageError(`missing: ${missing.join(", ")}`);
  const startMs = systemClock.monotonicMs();
  await lab.up(timeoutMs);
  const seconds = ((systemClock.monotonicMs() - startMs) / 1_000).toFixed(1);
  say(`node1 and node2 are Ready after ${seconds} s. Now:`);
  say("  kubeling hosts exec k8s-master -- kubectl -s http://k8s-master:8080 get nodes");
}

async function missingPrograms(): Promise<string[]> {
  const run = commandRunner();
  const found = await Promise.all(
    Object.entries(PROGRAMS).map(async ([program, packageName]) => {
      const [looked] = await Promise.allSettled([run("sh", ["-c", `command -v ${program}`])]);
      return looked.status === "fulfilled" ? [] : [`${program} (Debian: ${packageName})`];
    }),
  );
  return found.flat();
}

async function execute(within: readonly string[], line: readonly string[]): Promise<number> {
  if (line.length === 0) throw new UsageError("exec HOST -- which command?");
  const [program = "", ...args] = [...within, ...line];
  const child = spawn(program, args, { stdio: "inherit" });
  const [code] = await once(child, "exit");
  return code ?? 1;
}

function named([name = ""]: readonly string[]): Host {
  const host = hostNamed(name);
  if (host !== undefined) return host;
  throw new UsageError(
    `which host? One of ${HOSTS.map((one) => one.name).join(", ")}, not ${JSON.stringify(name)}`,
  );
}

function refuseUnlessRoot(): void {
  if (process.getuid?.() !== 0) throw new UsageError("must be root: namespaces are the kernel's");
}

function isForTheUser(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof FlagError || error instanceof CommandError;
}

/**
 * Switches a host of the lab on: its files are laid out by deploy/install.sh, as on a real machine, and
 * mounted over the machine's own in a mount namespace; then boot.ts starts its units.
 *
 *   state/node1/root/etc            over /etc             (what is not there shows through)
 *   state/node1/root/usr/local/bin  over /usr/local/bin
 *   state/node1/root/var/lib        as /var/lib           (Docker's data, the kubelet's)
 *   nothing                         as /run
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunCommand } from "../../component/command.ts";
import { CGROUP, type Host, namespaceOf } from "./host.ts";
import { HOST_VARIABLE } from "./host-processes.ts";
import { systemctlScript } from "./systemctl.ts";

/** Of the bundle (dist/) and of the source (src/kubeling/hosts/) alike. */
const PROJECT = fileURLToPath(
  new URL(`${import.meta.url.includes("/dist/") ? ".." : "../../.."}/`, import.meta.url),
);

/** In the host's namespaces. The last line waits for all its children: that also takes leave of orphans. */
const SWITCH_ON = `set -e
cd /
root=$1; name=$2; shift 2
over() { mount -t overlay overlay -o "lowerdir=$1,upperdir=$root$1,workdir=$root.work/$3" "$1"; }
over /etc - etc
over /usr/local/bin - bin
mount --bind "$root/var/log" /var/log
mount --bind "$root/var/lib" /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
hostname "$name"
sysctl -q -p /etc/sysctl.d/90-kubeling.conf
"$@" & wait
`;

/** As install.sh does it on a real host; and what a real host has by itself. */
export async function installHost(directory: string, host: Host, run: RunCommand): Promise<void> {
  const root = rootOf(directory, host.name);
  const installer = join(PROJECT, "deploy/install.sh");
  const node = `NODE=${process.execPath}`;
  await run("env", [node, "sh", installer, "--into", root, host.role, host.name]);
  for (const path of ["etc/docker", "var/log", "var/lib"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const path of ["etc", "bin"]) mkdirSync(join(`${root}.work`, path), { recursive: true });
  const docker = { "cgroup-parent": `/${CGROUP}/${host.name}`, "shutdown-timeout": 5 };
  writeFileSync(join(root, "etc/docker/daemon.json"), JSON.stringify(docker));
  const program = `${process.execPath} ${join(PROJECT, "dist/kubeling.js")} hosts systemctl`;
  for (const name of ["systemctl", "service"]) {
    writeFileSync(join(root, "usr/local/bin", name), systemctlScript(program), { mode: 0o755 });
  }
  writeFileSync(join(root, "etc/resolv.conf"), "# The lab has no way out.\n");
  writeFileSync(join(root, "etc/hostname"), `${host.name}\n`);
}

/** Returns at once; the host goes on without us. */
export function switchOn(directory: string, { name }: Host): void {
  const root = rootOf(directory, name);
  const boot = [process.execPath, join(PROJECT, "dist/kubeling.js"), "hosts", "boot"];
  const log = openSync(join(directory, `${name}.log`), "a");
  const own = ["--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc"];
  const args = ["unshare", ...own, "sh", "-c", SWITCH_ON, "sh", root, name];
  const child = spawn(
    "nsenter",
    [`--net=${namespaceOf(name)}`, ...args, ...boot, ...unitsOf(root)],
    {
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH, [HOST_VARIABLE]: name },
    },
  );
  child.unref();
  closeSync(log);
}

/** What the installer put there; Docker's own unit is its package's, and has only a drop-in. */
function unitsOf(root: string): string[] {
  const files = readdirSync(join(root, "etc/systemd/system"));
  const names = files.map((file) => file.replace(/\.d$/, ""));
  return [...new Set(names.filter((file) => file.endsWith(".service")))];
}

export function rootOf(directory: string, name: string): string {
  return join(directory, name, "root");
}

/** What the bundle and the files of deploy/ need to be found by. */
export function isComplete(): boolean {
  return ["deploy/install.sh", "dist/kubelet.js"].every((path) => existsSync(join(PROJECT, path)));
}

/**
 * How fast pods start on real Docker: sandbox and container created and running, through our Runtime,
 * beside the same two containers started by Docker's own client, and by runc alone (the floor: no
 * image layers, no network, no daemon). Rounds are interleaved, and the best of each is kept.
 *
 *   npx tsx bench/docker-pods.ts [pods per round, 20]       (as root; starts a Docker of its own)
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../src/component/clock.ts";
import { silentLog } from "../src/component/log.ts";
import { DockerRuntime } from "../src/kubelet/runtime/docker/docker-runtime.ts";
import { containerConfig, sandboxConfig } from "../test/kubelet/runtime/configs.ts";
import { shell } from "../test/kubelet/runtime/docker-programs.ts";
import { startDocker, type TestDocker } from "../test/support/docker.ts";
import { type Figure, tableOf } from "./report.ts";

const ROUNDS = 3;
const PROGRAM = shell("trap 'exit 0' TERM; sleep 1000000 & wait");
const run = promisify(execFile);

type StartPod = (name: string) => Promise<void>;

const podsPerRound = Number(process.argv[2] ?? 20);
const daemon = await startDocker();
const bundle = join(daemon.directory, "bundle");
try {
  await makeBundle(daemon);
  const figures: Figure[] = [];
  for (const parallel of [1, 4, 10]) figures.push(await measure(daemon, parallel));
  console.log(tableOf(figures));
} finally {
  await daemon.stop();
}

async function measure(daemon: TestDocker, parallel: number): Promise<Figure> {
  const runtime = new DockerRuntime({
    endpoint: daemon.endpoint,
    stateDirectory: daemon.directory,
    clock: systemClock,
    log: silentLog,
  });
  const best = { ours: 0, theirs: 0, runc: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    best.theirs = Math.max(
      best.theirs,
      await podsPerSecond(startByClient(daemon), parallel, daemon),
    );
    best.ours = Math.max(best.ours, await podsPerSecond(startByRuntime(runtime), parallel, daemon));
    best.runc = Math.max(best.runc, await podsPerSecond(startByRunc, parallel, daemon));
  }
  runtime.close();
  return {
    name: `pods started, ${parallel} at a time`,
    value: best.ours,
    unit: "pods/s",
    baseline: { name: "docker run, twice a pod", value: best.theirs },
    note: `runc alone: ${best.runc.toPrecision(3)} pods/s`,
  };
}

function startByRuntime(runtime: DockerRuntime): StartPod {
  const live = new AbortController().signal;
  return async (name) => {
    const pod = sandboxConfig(name);
    const sandboxId = await runtime.runSandbox(pod, live);
    await runtime.startContainer(
      await runtime.createContainer(sandboxId, containerConfig(PROGRAM), pod),
    );
  };
}

function startByClient({ endpoint }: TestDocker): StartPod {
  const docker = (...args: string[]) => run("docker", ["-H", endpoint, "run", "-d", ...args]);
  return async (name) => {
    await docker(`--name=pause-${name}`, "--ipc=shareable", "pause");
    const sandbox = `container:pause-${name}`;
    const command = [...PROGRAM.command, ...PROGRAM.args];
    await docker(`--name=${name}`, `--net=${sandbox}`, `--ipc=${sandbox}`, "busybox", ...command);
  };
}

/** The image's files, and what runc is to do with them. */
async function makeBundle({ endpoint }: TestDocker): Promise<void> {
  await mkdir(join(bundle, "rootfs"), { recursive: true });
  const create = `docker -H ${endpoint} create busybox`;
  await run("sh", ["-c", `docker -H ${endpoint} export $(${create}) | tar -xC ${bundle}/rootfs`]);
  await run("runc", ["spec"], { cwd: bundle });
  const config = JSON.parse(await readFile(join(bundle, "config.json"), "utf8"));
  config.process.terminal = false;
  config.process.args = [...PROGRAM.command, ...PROGRAM.args];
  await writeFile(join(bundle, "config.json"), JSON.stringify(config));
}

async function startByRunc(name: string): Promise<void> {
  for (const id of [`pause-${name}`, name]) {
    const all = ["--root", `${bundle}-state`, "run", "--detach", "--bundle", bundle, id];
    // Detached, the container keeps the descriptors it is given.
    await run("sh", ["-c", 'exec runc "$@" < /dev/null > /dev/null 2>&1', "sh", ...all]);
  }
}

async function stopAllOfRunc(): Promise<void> {
  const { stdout } = await run("runc", ["--root", `${bundle}-state`, "list", "--quiet"]);
  for (const id of stdout.split("\n").filter(Boolean)) {
    await run("runc", ["--root", `${bundle}-state`, "delete", "--force", id]);
  }
}

async function podsPerSecond(start: StartPod, parallel: number, { docker }: TestDocker) {
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    while (next < podsPerRound) await start(`pod-${next++}`);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const seconds = (performance.now() - began) / 1000;
  for (const { Id } of await docker.listContainers({ all: true })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  await stopAllOfRunc();
  return podsPerRound / seconds;
}

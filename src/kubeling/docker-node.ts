/** One node of real containers: this machine, by its Docker daemon. */

import { statfs } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import type { ComponentContext } from "../client/control-loop.ts";
import type { Clock } from "../component/clock.ts";
import { hostAddress } from "../component/host-address.ts";
import { linkedPair } from "../component/linked-pair.ts";
import type { Log } from "../component/log.ts";
import { startKubelet } from "../kubelet/kubelet.ts";
import { diskFiles } from "../kubelet/node/disk-files.ts";
import { thisMachine } from "../kubelet/node/machine.ts";
import { connectOverNetwork } from "../kubelet/probes/connect.ts";
import { createKubeletServer } from "../kubelet/server/server.ts";
import type { Nodes } from "./cluster.ts";
import { UsageError } from "./usage-error.ts";

export interface DockerNodeOptions {
  /** "unix:///var/run/docker.sock" */
  endpoint: string;
  /** Where volumes and termination messages are kept. */
  directory: string;
  sandboxImage: string;
  clusterDns: string[];
  clock: Clock;
  log: Log;
}

const NAME = "node1";

/** Rejects with a UsageError when no Docker daemon answers. */
export async function createDockerNode(options: DockerNodeOptions): Promise<Nodes> {
  const { endpoint, directory, sandboxImage, clusterDns, clock, log } = options;
  // Loaded only here: simulated nodes need none of it.
  const { DockerRuntime } = await import("../kubelet/runtime/docker/docker-runtime.ts");
  const stateDirectory = join(directory, "termination");
  const runtime = new DockerRuntime({ endpoint, stateDirectory, clock, log });
  await runtime.version().catch((error: Error) => {
    throw new UsageError(`cannot use Docker at ${endpoint}: ${error.message}`);
  });
  let server: Server | undefined;

  async function start(name: string, context: ComponentContext): Promise<void> {
    const { blocks, bsize } = await statfs(directory);
    const kubelet = await startKubelet(context, {
      nodeName: name,
      runtime,
      nodeIP: hostAddress() ?? "127.0.0.1",
      machine: thisMachine(blocks * bsize),
      files: diskFiles,
      connect: connectOverNetwork,
      rootDir: directory,
      ...{ sandboxImage, clusterDns },
    });
    server = createKubeletServer(kubelet);
  }

  function connect(name: string) {
    if (!server || name !== NAME) return undefined;
    const [ours, theirs] = linkedPair();
    server.emit("connection", theirs);
    return ours;
  }

  return { names: [NAME], start, connect };
}

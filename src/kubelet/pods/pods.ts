/**
 * The parts of a kubelet that are about pods: a worker for each, what it does with its pod, and who
 * writes down how the pod is.
 */
import type { Pod } from "../../api/pod.ts";
import { assembleContainers } from "../containers/containers.ts";
import type { Foundation } from "../foundation.ts";
import type { NodeParts } from "../node/node.ts";
import { MirrorPods } from "../pod-sources/mirror-pods.ts";
import { Probes } from "../probes/probes.ts";
import { Volumes } from "../volumes/volumes.ts";
import { ConfigObjects } from "./config-objects.ts";
import { PodLifecycle } from "./lifecycle.ts";
import { PodManager } from "./manager.ts";
import { sandboxConfigOf } from "./sandbox-config.ts";
import { readySandbox } from "./state.ts";
import { StatusWriter } from "./status-writer.ts";
import { PodSync } from "./sync.ts";
import { PodWorkers } from "./workers.ts";

export interface PodParts {
  manager: PodManager;
  workers: PodWorkers;
  statuses: StatusWriter;
  volumes: Volumes;
}

export function assemblePods(foundation: Foundation, node: NodeParts): PodParts {
  const { settings, client } = foundation;
  const { allocatable } = node;
  const { files, rootDir, connect, nodeIP: hostIP } = settings;
  const wake = (uid: string) => workers.wake(uid);

  const objects = new ConfigObjects(client);
  const podIP = podIPs(foundation);
  const volumes = new Volumes({
    ...{ files, rootDir },
    payload: (pod) => ({ objects, hostIP, allocatable: allocatable(), podIP: podIP(pod) }),
  });
  const probes = new Probes({ ...foundation, connect, onChange: wake });
  const containers = assembleContainers(foundation, { volumes, objects, podIP, allocatable });
  const mirrors = new MirrorPods({ ...foundation, onMirror: wake });
  const statuses = new StatusWriter({
    ...foundation,
    publishedOf: (pod) => mirrors.publishedOf(pod),
  });
  const lifecycle = new PodLifecycle({
    ...foundation,
    ...containers,
    ...{ probes, volumes, statuses, hostIP },
    notReady: () => node.gate.notReady,
    room: () => ({
      node: node.status.node,
      allocatable: allocatable(),
      others: workers.activePods(),
      pressures: node.pressures(),
    }),
  });
  lifecycle.use(
    new PodSync({
      ...foundation,
      ...containers,
      ...{ volumes, verdicts: probes },
      sandboxConfig: (pod, attempt) => sandboxConfigOf(pod, attempt, networkOf(foundation)),
      report: (pod) => lifecycle.report(pod),
    }),
  );
  const workers = new PodWorkers({ ...foundation, tasks: lifecycle });
  return { manager: new PodManager({ workers, mirrors, statuses }), workers, statuses, volumes };
}

/** The address of a pod, as far as its sandbox has one. */
function podIPs({ pleg, settings }: Foundation): (pod: Pod) => string {
  return ({ metadata: { uid = "" } }) => {
    const state = pleg.get(uid);
    const sandbox = state && readySandbox(state);
    return sandbox?.hostNetwork ? settings.nodeIP : (sandbox?.ip ?? "");
  };
}

function networkOf({ settings }: Foundation) {
  const { sandboxImage, clusterDomain, clusterDns = [], hostDns } = settings;
  const none = { servers: [], searches: [], options: [] };
  return { sandboxImage, clusterDomain, clusterDns, hostDns: hostDns ?? none };
}

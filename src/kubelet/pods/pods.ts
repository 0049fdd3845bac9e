/**
 * The parts of a kubelet that are about pods: a worker for each, what it does with its pod, and who
 * writes down how the pod is.
 */
import type { Pod } from "../../api/pod.ts";
import { assembleContainers } from "../containers/containers.ts";
import type { Foundation } from "../foundation.ts";
import type { NodeParts } from "../node/node.ts";
import { nodeReference } from "../node/status.ts";
import { MirrorPods } from "../pod-sources/mirror-pods.ts";
import { Probes } from "../probes/probes.ts";
import type { SandboxConfig } from "../runtime/runtime.ts";
import { claimedDirectories } from "../volumes/claimed-volume.ts";
import { PodTokens } from "../volumes/pod-tokens.ts";
import { Volumes } from "../volumes/volumes.ts";
import { ConfigObjects } from "./config-objects.ts";
import { missesClusterDns, podDnsOf } from "./dns.ts";
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
  const tokens = new PodTokens(foundation);
  const volumes = new Volumes({
    ...{ files, rootDir },
    payload: (pod) => ({ objects, tokens, hostIP, allocatable: allocatable(), podIP: podIP(pod) }),
    claimed: claimedDirectories(client),
    onRemoved: (uid) => tokens.forget(uid),
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
      sandboxConfig: sandboxConfigs(foundation),
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

/** The node's resolv.conf is read for each anew; what of it a pod can't have is told in an event. */
function sandboxConfigs(foundation: Foundation) {
  const { settings, events } = foundation;
  const { nodeIP, clusterDomain, clusterDns = [], sandboxImage: image } = settings;
  const { hostDns = () => ({ servers: [], searches: [], options: [] }) } = settings;
  return (pod: Pod, attempt: number): SandboxConfig => {
    const node = { nodeIP, clusterDns, clusterDomain, hostDns: hostDns() };
    if (settings.clusterDns && missesClusterDns(pod, node)) tellOfMissingDns(pod, foundation);
    const { dns, warnings } = podDnsOf(pod, node);
    for (const message of warnings) events.event(pod, "Warning", "DNSConfigForming", message);
    return sandboxConfigOf(pod, { attempt, dns, image });
  };
}

/** On the node, and on the pod. */
function tellOfMissingDns(pod: Pod, { events, nodeName }: Foundation): void {
  const { name, namespace, uid } = pod.metadata;
  const message =
    'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. ' +
    'Falling back to "Default" policy.';
  events.event(nodeReference(nodeName), "Warning", "MissingClusterDNS", message);
  const ofPod = `pod: "${name}_${namespace}(${uid})". ${message}`;
  events.event(pod, "Warning", "MissingClusterDNS", ofPod);
}

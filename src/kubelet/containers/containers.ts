/** The parts of a kubelet that are about containers: what starts them, what ends them, why they wait. */
import type { Pod } from "../../api/pod.ts";
import { Service } from "../../api/service.ts";
import type { Foundation } from "../foundation.ts";
import type { ConfigObjects } from "../pods/config-objects.ts";
import type { Volumes } from "../volumes/volumes.ts";
import type { EnvironmentContext } from "./environment.ts";
import { Hooks } from "./hooks.ts";
import { ImagePuller } from "./image-puller.ts";
import { ContainerKiller } from "./killer.ts";
import { ContainerStarter } from "./start.ts";
import { WaitReasons } from "./wait-reasons.ts";

export interface ContainerParts {
  starter: ContainerStarter;
  killer: ContainerKiller;
  reasons: WaitReasons;
}

/** What containers need of their pods and of the node. */
export interface ContainerNeeds {
  volumes: Volumes;
  objects: ConfigObjects;
  podIP(pod: Pod): string;
  allocatable(): Record<string, string>;
}

export function assembleContainers(foundation: Foundation, needs: ContainerNeeds): ContainerParts {
  const { settings, informers } = foundation;
  const { volumes, objects, podIP, allocatable } = needs;
  const { connect, nodeIP: hostIP } = settings;
  const services = informers.of(Service);
  const hooks = new Hooks({ ...foundation, connect, podIP });
  const killer = new ContainerKiller({ ...foundation, hooks });
  const puller = new ImagePuller(foundation);
  const environment = (pod: Pod, ip: string): EnvironmentContext => ({
    ...{ objects, hostIP },
    services: services.list(),
    podIP: pod.spec.hostNetwork ? hostIP : ip,
    allocatable: allocatable(),
  });
  const starter = new ContainerStarter({
    ...foundation,
    ...{ puller, hooks, killer, volumes, objects, environment },
  });
  return { starter, killer, reasons: new WaitReasons() };
}

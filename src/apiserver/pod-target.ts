/**
 * Where a request about a running pod has to go: which container, on which node.
 *
 * In Kubernetes: pkg/registry/core/pod/strategy.go (LogLocation, ExecLocation, PortForwardLocation)
 */
import type { Container } from "kubernetes-types/core/v1.js";
import { badRequest } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import type { Registry } from "./registry.ts";
import type { RequestInfo } from "./request-info.ts";

export function podOf(registry: Registry, { namespace, name }: RequestInfo): Promise<Pod> {
  return registry.get(Pod, namespace, name) as Promise<Pod>;
}

export function nodeOf(registry: Registry, pod: Pod): Promise<Node> {
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return registry.get(Node, "", nodeName) as Promise<Node>;
}

/** The container asked for, which has to be there; the only one, where none is asked for. */
export function containerOf({ metadata, spec }: Pod, wanted: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  if (wanted !== "") {
    const all = [...containers, ...initContainers, ...ephemeralContainers];
    if (all.some(({ name }) => name === wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  if (containers.length === 1) return containers[0]!.name;
  let message = `a container name must be specified for pod ${metadata.name}`;
  if (containers.length > 1) message += `, choose one of: [${namesOf(containers)}]`;
  if (initContainers.length > 0) {
    message += ` or one of the init containers: [${namesOf(initContainers)}]`;
  }
  throw badRequest(message);
}

function namesOf(containers: Container[]): string {
  return containers.map(({ name }) => name).join(" ");
}

/**
 * pods/ephemeralcontainers: the door through which `kubectl debug` puts a container into a running pod.
 * Whatever else of the pod is sent along is passed over.
 *
 * In Kubernetes: podEphemeralContainersStrategy in pkg/registry/core/pod/strategy.go
 */
import { validateEphemeralContainersUpdate } from "../api/ephemeral-container-validation.ts";
import { invalid } from "../api/errors.ts";
import { Pod } from "../api/pod.ts";
import { setPodDefaults } from "../api/pod-defaults.ts";
import type { SubresourceHandler } from "./handler.ts";
import { partOfObject, type TakePart } from "./part-of-object.ts";
import type { ResourceHandlerOptions } from "./resource-handler.ts";
import { copyOf } from "./stored-object.ts";

export function ephemeralContainers(options: ResourceHandlerOptions): SubresourceHandler {
  return partOfObject(options, withContainersOf);
}

/** The pod as it was, with the containers of the other and the version its sender has seen. */
const withContainersOf: TakePart<Pod> = (sent, current) => {
  const pod = copyOf(current);
  const { resourceVersion } = sent.metadata ?? {};
  if (resourceVersion) pod.metadata.resourceVersion = resourceVersion;
  else delete pod.metadata.resourceVersion;
  const { ephemeralContainers: added = [] } = sent.spec ?? {};
  if (added.length === 0) delete pod.spec.ephemeralContainers;
  else pod.spec.ephemeralContainers = added;
  setPodDefaults(pod.spec);
  const errors = validateEphemeralContainersUpdate(pod, current);
  if (errors.length > 0) throw invalid(Pod, pod.metadata.name, errors);
  return pod;
};

/**
 * pods/ephemeralcontainers: the door through which `kubectl debug` puts a container into a running pod.
 * Whatever else of the pod is sent along is passed over.
 *
 * In Kubernetes: podEphemeralContainersStrategy in pkg/registry/core/pod/strategy.go
 */
import { validateEphemeralContainersUpdate } from "../api/ephemeral-container-validation.ts";
import { invalid, notFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { Pod } from "../api/pod.ts";
import { setPodSpecDefaults } from "../api/pod-defaults.ts";
import { decodeBody } from "./decode.ts";
import { formOf, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import { patchedBy } from "./patch-request.ts";
import type { Change } from "./registry.ts";
import {
  bodyOf,
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { copyOf } from "./stored-object.ts";
import { fieldValidationOf } from "./write-options.ts";

export function ephemeralContainers({
  registry,
  clock,
}: ResourceHandlerOptions): SubresourceHandler {
  return async (kind, call) => {
    const form = formOf(call, clock);
    const target = targetOf(kind, call.info);
    const { verb, name, namespace } = call.info;
    if (verb === "get") {
      return objectAnswer(kind, await registry.get(kind, namespace, name), form);
    }
    const change =
      verb === "patch" ? patchedBy(kind, call, fieldValidationOf(call)) : replacedBy(kind, call);
    const addContainers: Change = async (current) => {
      if (current === undefined) throw notFound(kind, name);
      return withContainersOf((await change(copyOf(current))) as Pod, current as Pod);
    };
    const { object } = await registry.update(target, addContainers, writeContextOf(call));
    return objectAnswer(kind, object, form);
  };
}

function replacedBy(kind: Kind, call: Call): Change {
  const type = call.request.headers["content-type"];
  const validation = fieldValidationOf(call);
  const { object, warnings } = decodeBody<KubeObject>(bodyOf(call.request), type, kind, validation);
  call.warnings.push(...warnings);
  return () => copyOf(object);
}

/** The pod as it was, with the containers of the other and the version its sender has seen. */
function withContainersOf(sent: Pod, current: Pod): Pod {
  const pod = copyOf(current);
  const { resourceVersion } = sent.metadata ?? {};
  if (resourceVersion) pod.metadata.resourceVersion = resourceVersion;
  else delete pod.metadata.resourceVersion;
  const { ephemeralContainers: added = [] } = sent.spec ?? {};
  if (added.length === 0) delete pod.spec.ephemeralContainers;
  else pod.spec.ephemeralContainers = added;
  setPodSpecDefaults(pod.spec);
  const errors = validateEphemeralContainersUpdate(pod, current);
  if (errors.length > 0) throw invalid(Pod, pod.metadata.name, errors);
  return pod;
}

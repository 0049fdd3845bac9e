/**
 * Binding: the scheduler's whole output. A pod is given to a node, once.
 *
 * In Kubernetes: BindingREST in pkg/registry/core/pod/storage/storage.go
 */

import { Binding } from "../api/binding.ts";
import { badRequest, conflict, invalid } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { Pod } from "../api/pod.ts";
import { toApiTime } from "../component/clock.ts";
import { json } from "./answer.ts";
import { decodeBody } from "./decode.ts";
import type { SubresourceHandler } from "./handler.ts";
import type { Target } from "./registry.ts";
import {
  bodyOf,
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { fieldValidationOf } from "./write-options.ts";

const BINDING = Binding as unknown as Kind;

/** POST .../pods/{name}/binding */
export function bindPod(options: ResourceHandlerOptions): SubresourceHandler {
  return (kind, call) => {
    const binding = decodeBinding(call);
    const { name } = binding.metadata;
    if (name && name !== call.info.name)
      throw badRequest("name in URL does not match name in Binding object");
    return bind(targetOf(kind, call.info), binding, call, options);
  };
}

/** POST .../bindings: the elder way; the pod is named in the body. */
export function createBinding(options: ResourceHandlerOptions): SubresourceHandler {
  return (kind, call) => {
    const binding = decodeBinding(call);
    const { name } = binding.metadata;
    return bind({ ...targetOf(kind, call.info), name }, binding, call, options);
  };
}

function decodeBinding(call: Call): Binding {
  const { request } = call;
  const { object, warnings } = decodeBody<Binding>(
    bodyOf(request),
    request.headers["content-type"],
    BINDING,
    fieldValidationOf(call),
  );
  call.warnings.push(...warnings);
  object.metadata ??= { name: "" };
  return object;
}

/** Admission is asked about the binding; that it changes a pod is nobody's business any more. */
async function bind(
  asked: Target,
  binding: Binding,
  call: Call,
  { registry, clock }: ResourceHandlerOptions,
) {
  const { namespace, name } = asked;
  const target = { kind: Pod, namespace, name, subresource: "binding" };
  const now = toApiTime(clock.now());
  // What a binding sets is nobody's.
  const { manager: _, ...context } = writeContextOf(call);
  const admitted = { ...context, isAdmitted: true };
  await registry.admission.creating(asked, BINDING, binding, context, async (judge) => {
    const errors = Binding.validate?.(binding) ?? [];
    if (errors.length > 0) throw invalid(Binding, binding.metadata.name ?? "", errors);
    await judge();
    await registry.update(target, (pod) => assign(pod as Pod, binding, now), admitted);
  });
  return json(
    { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
    201,
  );
}

/** Throws where the pod is not to be had any more. */
function assign(pod: Pod, { metadata, target }: Binding, now: string): KubeObject {
  const refuse = (why: string) =>
    conflict({ group: "", plural: "pods/binding" }, pod.metadata.name, why);
  if (metadata.uid && metadata.uid !== pod.metadata.uid) {
    throw refuse(
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
    );
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`);
  }
  if (pod.spec.nodeName) {
    throw refuse(`pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  if (pod.spec.schedulingGates?.length) {
    throw refuse(`pod ${pod.metadata.name} has non-empty .spec.schedulingGates`);
  }
  pod.spec.nodeName = target.name!;
  if (metadata.annotations !== undefined) {
    pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations };
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const condition = {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null as unknown as string,
    lastTransitionTime: now,
  };
  pod.status = { ...pod.status, conditions: [...others, condition] };
  return pod;
}

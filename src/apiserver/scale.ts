/**
 * The scale subresource: how many there are to be, of anything that says where its numbers are. One
 * handler for every kind, present and future.
 *
 * In Kubernetes: ScaleREST in pkg/registry/core/replicationcontroller/storage/storage.go
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { badRequest, invalid, notFound } from "../api/errors.ts";
import { invalidValue } from "../api/field-error.ts";
import type { Kind, KubeObject, ScalePaths } from "../api/kind.ts";
import { formatSelector, type Labels, selectorOf } from "../api/labels.ts";
import type { ApiResponse } from "../client/transport.ts";
import { toApiTime } from "../component/clock.ts";
import { methodNotAllowed } from "./answer.ts";
import { decodeBody } from "./decode.ts";
import { formOf, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import { valueAt, writeAt } from "./json-path.ts";
import type { Change } from "./registry.ts";
import {
  bodyOf,
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import type { View } from "./view.ts";
import { fieldValidationOf, isApply } from "./write-options.ts";

interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status: { replicas: number; selector?: string };
}

/** As decoding knows it: Scale is no kind of its own, only a view. */
const SCALE = {
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  schema: "io.k8s.api.autoscaling.v1.Scale",
};

export function scale(options: ResourceHandlerOptions): SubresourceHandler {
  return async (kind, call) => {
    const { verb, name } = call.info;
    const target = { ...targetOf(kind, call.info), subresource: "", view: viewOf(kind) };
    if (verb === "get") {
      return answer(kind, await options.registry.get(kind, target.namespace, name), call, options);
    }
    if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
    const outcome = await options.registry.update(
      target,
      isApply(call) ? await appliedBy(kind, call, options) : await rescaledBy(kind, call),
      writeContextOf(call),
    );
    return answer(kind, outcome.object, call, options);
  };
}

async function appliedBy(kind: Kind, call: Call, { clock }: ResourceHandlerOptions) {
  const { appliedScaleBy } = await import("./apply/apply-scale.ts");
  return appliedScaleBy(kind, call, toApiTime(clock.now()));
}

async function rescaledBy(kind: Kind, call: Call): Promise<Change> {
  const { verb, name } = call.info;
  const next = verb === "update" ? replacedBy(call) : await patchedBy(call);
  return (current) => {
    if (current === undefined) throw notFound(kind, name);
    return rescale(kind, current, next(scaleOf(kind, current)));
  };
}

function answer(kind: Kind, obj: KubeObject, call: Call, { clock }: ResourceHandlerOptions) {
  const form = formOf(call, clock);
  const shape = form.shape === "table" ? "object" : form.shape;
  return objectAnswer(kind, scaleOf(kind, obj), { ...form, shape }) as Promise<ApiResponse>;
}

function replacedBy(call: Call): (current: Scale) => Scale {
  const { request, info } = call;
  const { object, warnings } = decodeBody<Scale>(
    bodyOf(request),
    request.headers["content-type"],
    SCALE,
    fieldValidationOf(call),
  );
  call.warnings.push(...warnings);
  const { name = "" } = object.metadata ?? {};
  if (name !== "" && name !== info.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${info.name})`,
    );
  }
  return () => object;
}

async function patchedBy(call: Call): Promise<(current: Scale) => Scale> {
  const { applyPatch } = await import("./patch/apply-patch.ts");
  const contentType = call.request.headers["content-type"];
  const body = bodyOf(call.request);
  return (current) => applyPatch(contentType, body, current, SCALE, fieldValidationOf(call)).object;
}

/** Puts the wish of a Scale into the object itself. */
function rescale(kind: Kind, obj: KubeObject, wanted: Scale): KubeObject {
  const replicas = wanted.spec?.replicas ?? 0;
  const { name } = obj.metadata;
  if (replicas < 0) {
    const why = "must be greater than or equal to 0";
    throw invalid(SCALE, name, [invalidValue("spec.replicas", replicas, why)]);
  }
  const { resourceVersion } = wanted.metadata ?? {};
  if (resourceVersion) obj.metadata.resourceVersion = resourceVersion;
  writeAt(obj, pathsOf(kind).specReplicasPath, replicas);
  return obj;
}

function viewOf(kind: Kind): View {
  return {
    ...{ subresource: "scale", objectKind: SCALE },
    of: (obj) => scaleOf(kind, obj),
    into: (obj, scale) => void rescale(kind, obj, scale as Scale),
  };
}

function scaleOf(kind: Kind, obj: KubeObject): Scale {
  const paths = pathsOf(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = obj.metadata;
  const selector = paths.labelSelectorPath && selectorText(valueAt(obj, paths.labelSelectorPath));
  const replicas = Number(valueAt(obj, paths.specReplicasPath) ?? 0);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: JSON.parse(
      JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp }),
    ),
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: Number(valueAt(obj, paths.statusReplicasPath) ?? 0),
      ...(selector ? { selector } : {}),
    },
  };
}

function pathsOf(kind: Kind): ScalePaths {
  return kind.scale!;
}

/** A map of labels, or a LabelSelector. */
function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  if (typeof selector !== "object" || selector === null) return "";
  const isOfSpec = "matchLabels" in selector || "matchExpressions" in selector;
  return formatSelector(
    selectorOf(isOfSpec ? (selector as LabelSelector) : { matchLabels: selector as Labels }),
  );
}

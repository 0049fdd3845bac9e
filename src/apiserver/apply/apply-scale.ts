/**
 * Server-side apply of a Scale: of the object it stands for only the number of replicas is applied, and
 * owned through the subresource.
 *
 * In Kubernetes: apimachinery/pkg/util/managedfields/scalehandler.go. Differs: what the Scale says is said of
 * the object itself, where the original says of the Scale who owns what and carries the answer over.
 */
import { ApiError, badRequest, notFound } from "../../api/errors.ts";
import { apiVersionOf, type Kind } from "../../api/kind.ts";
import { schemaOf } from "../../api/schema.ts";
import { isObject } from "../decode/typed-value.ts";
import { writeAt } from "../json-path.ts";
import type { Change } from "../registry.ts";
import type { Call } from "../resource-handler.ts";
import { fieldValidationOf } from "../write-options.ts";
import { applyConfig } from "./application.ts";
import { configOf, isForced } from "./apply-request.ts";
import { configErrors } from "./config-errors.ts";
import { managerOf } from "./manager-name.ts";

const SCALE_VERSION = "autoscaling/v1";
const SCALE_SCHEMA = "io.k8s.api.autoscaling.v1.Scale";

export function appliedScaleBy(kind: Kind, call: Call, now: string): Change {
  const scale = configOf(call, fieldValidationOf(call));
  checkScale(scale);
  const config = configForObject(kind, scale);
  const author = { manager: managerOf(call), now };
  const application = { kind, subresource: "scale", config, author, isForced: isForced(call) };
  return (current) => {
    if (current === undefined) throw notFound(kind, call.info.name);
    return applyConfig(application, current);
  };
}

function checkScale(scale: Record<string, unknown>): void {
  const { apiVersion = "" } = scale;
  if (apiVersion !== SCALE_VERSION) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${SCALE_VERSION}`,
    );
  }
  const errors = configErrors(schemaOf(SCALE_SCHEMA), scale);
  if (errors === undefined) return;
  const { name = "", namespace = "" } = isObject(scale.metadata) ? scale.metadata : {};
  const about = `${namespace}/${name}; ${SCALE_VERSION}, Kind=Scale`;
  throw new ApiError(500, "", `failed to create typed patch object (${about}): ${errors}`);
}

function configForObject(kind: Kind, scale: Record<string, unknown>): Record<string, unknown> {
  const { metadata, spec } = scale;
  const config = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: metadata ?? {} };
  const { replicas } = isObject(spec) ? spec : {};
  if (replicas !== undefined) writeAt(config, kind.scale!.specReplicasPath, replicas);
  return config;
}

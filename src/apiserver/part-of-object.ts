/**
 * Subresources that are a part of their object, and are read and written as the whole of it: approval,
 * ephemeralcontainers. Of what is sent, `take` puts that part into the object as it is, or refuses it.
 *
 * In Kubernetes: the stores of pkg/registry that are copies of another with a strategy of their own. Differs: status is
 * the resource handler's, for every kind has it.
 */
import { notFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { formOf, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import { patchedBy } from "./patch-request.ts";
import type { Change } from "./registry.ts";
import {
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { decodeQuestion } from "./review.ts";
import { copyOf } from "./stored-object.ts";
import { fieldValidationOf } from "./write-options.ts";

/** What is to be written. Throws an ApiError where it must not be. */
export type TakePart<T extends KubeObject> = (sent: T, current: T, kind: Kind) => T;

export function partOfObject<T extends KubeObject>(
  { registry, clock }: ResourceHandlerOptions,
  take: TakePart<T>,
): SubresourceHandler {
  return async (kind, call) => {
    const form = formOf(call, clock);
    const target = targetOf(kind, call.info);
    if (call.info.verb === "get") {
      return objectAnswer(kind, await registry.get(kind, target.namespace, target.name), form);
    }
    const change =
      call.info.verb === "patch"
        ? patchedBy(kind, call, fieldValidationOf(call))
        : replacedBy(kind, call);
    const changePart: Change = async (current) => {
      if (current === undefined) throw notFound(kind, target.name);
      return take((await change(copyOf(current))) as T, current as T, kind);
    };
    const { object } = await registry.update(target, changePart, writeContextOf(call));
    return objectAnswer(kind, object, form);
  };
}

function replacedBy(kind: Kind, call: Call): Change {
  const body = decodeQuestion<KubeObject>(kind, call);
  return () => copyOf(body);
}

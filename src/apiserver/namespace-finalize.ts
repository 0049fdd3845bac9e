/**
 * namespaces/finalize: the only way to take a finalizer off a namespace. With the last one it goes.
 *
 * In Kubernetes: FinalizeREST in pkg/registry/core/namespace/storage/storage.go
 */
import { notFound } from "../api/errors.ts";
import type { Kind } from "../api/kind.ts";
import { Namespace } from "../api/namespace.ts";
import { json } from "./answer.ts";
import { decodeBody } from "./decode.ts";
import type { SubresourceHandler } from "./handler.ts";
import {
  bodyOf,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { fieldValidationOf } from "./write-options.ts";

export function finalizeNamespace({ registry }: ResourceHandlerOptions): SubresourceHandler {
  return async (kind, call) => {
    const { request } = call;
    const { object: wanted, warnings } = decodeBody<Namespace>(
      bodyOf(request),
      request.headers["content-type"],
      Namespace as unknown as Kind,
      fieldValidationOf(call),
    );
    call.warnings.push(...warnings);
    const target = targetOf(kind, call.info);
    const outcome = await registry.update(
      target,
      (current) => {
        if (current === undefined) throw notFound(Namespace, target.name);
        const namespace = current as Namespace;
        namespace.spec = { ...namespace.spec, finalizers: wanted.spec?.finalizers ?? [] };
        const { resourceVersion } = wanted.metadata ?? {};
        if (resourceVersion) namespace.metadata.resourceVersion = resourceVersion;
        return namespace;
      },
      writeContextOf(call),
    );
    return json(outcome.object);
  };
}

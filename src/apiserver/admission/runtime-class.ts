/**
 * RuntimeClass: a pod that names a class gets what the class costs (its overhead), and goes where the class
 * is to be found.
 *
 * In Kubernetes: plugin/pkg/admission/runtimeclass/admission.go
 */
import { isDeepStrictEqual } from "node:util";
import { RuntimeClass } from "../../api/node/runtime-class.ts";
import { Pod } from "../../api/pod.ts";
import { canonicalResources } from "../../api/resources.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { refusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";

const WITHOUT =
  "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
const DIFFERS = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

export function runtimeClass(options: { store: Store; cache: WatchCache }): AdmissionPlugin {
  return {
    name: "RuntimeClass",
    async admit(request) {
      const { verb, subresource, kind, object } = request;
      if (verb !== "create" || subresource !== "" || kind !== Pod || object === undefined) return;
      const { spec } = object as Pod;
      const { runtimeClassName: name } = spec;
      const found = name ? await findObject(RuntimeClass, "", name, options) : undefined;
      if (name && found === undefined) {
        const why = `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`;
        throw refusal(request, why);
      }
      setOverhead(spec, found as RuntimeClass | undefined, request);
      if (found !== undefined) setScheduling(spec, found as RuntimeClass, request);
    },
  };
}

function setOverhead(
  spec: Pod["spec"],
  found: RuntimeClass | undefined,
  request: AdmissionRequest,
) {
  const cost = found?.overhead?.podFixed;
  if (cost === undefined) {
    if (Object.keys(spec.overhead ?? {}).length > 0) throw refusal(request, WITHOUT);
    return;
  }
  if (spec.overhead === undefined) spec.overhead = { ...cost };
  else if (!isDeepStrictEqual(canonicalResources(spec.overhead), canonicalResources(cost))) {
    throw refusal(request, DIFFERS);
  }
}

function setScheduling(spec: Pod["spec"], { scheduling }: RuntimeClass, request: AdmissionRequest) {
  if (scheduling === undefined) return;
  const own = spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    if (own[key] === undefined || own[key] === value) continue;
    const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
    throw refusal(request, why);
  }
  const merged = { ...own, ...scheduling.nodeSelector };
  if (Object.keys(merged).length > 0) spec.nodeSelector = merged;
  const said = spec.tolerations ?? [];
  const more = (scheduling.tolerations ?? []).filter(
    (one) => !said.some((other) => isDeepStrictEqual(one, other)),
  );
  if (more.length > 0) spec.tolerations = [...said, ...more];
}

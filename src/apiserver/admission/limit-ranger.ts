/**
 * LimitRanger: gives containers the requests and limits a namespace's LimitRanges have for those who ask for
 * none, then refuses pods that ask for too little, too much, or too much more than they need.
 *
 * All ranges give before any of them judges. Pods that run are left alone.
 *
 * In Kubernetes: plugin/pkg/admission/limitranger/admission.go
 */
import type { Container, LimitRangeItem } from "kubernetes-types/core/v1.js";
import { LimitRange } from "../../api/limit-range.ts";
import { Pod } from "../../api/pod.ts";
import type { Clock } from "../../component/clock.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { violationsOf } from "./limit-violations.ts";
import { NamespacedCache } from "./namespaced-cache.ts";
import { refusal } from "./refusal.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

export function limitRanger(surroundings: { cache: WatchCache; clock: Clock }): AdmissionPlugin {
  const known = new NamespacedCache(LimitRange, surroundings);
  return {
    name: "LimitRanger",
    async admit(request) {
      known.note(request);
      const { kind, verb, subresource, object, namespace } = request;
      if (kind !== Pod || verb !== "create" || subresource !== "") return;
      const pod = object as Pod;
      const ranges = (await known.list(namespace)).map(({ spec }) => spec.limits);
      for (const items of ranges) setMissing(pod, items);
      for (const items of ranges) {
        const violations = [...new Set(violationsOf(pod.spec, items))];
        if (violations.length === 0) continue;
        throw refusal(
          request,
          violations.length === 1 ? violations[0]! : `[${violations.join(", ")}]`,
        );
      }
    },
  };
}

function setMissing({ metadata, spec }: Pod, items: LimitRangeItem[]): void {
  const ofContainers = items.filter(({ type }) => type === "Container");
  const limits = Object.assign({}, ...ofContainers.map((item) => item.default ?? {}));
  const requests = Object.assign({}, ...ofContainers.map((item) => item.defaultRequest ?? {}));
  const set = [
    ...spec.containers.flatMap((one) => fill(one, requests, limits, "container")),
    ...(spec.initContainers ?? []).flatMap((one) => fill(one, requests, limits, "init container")),
  ];
  if (set.length === 0) return;
  metadata.annotations = {
    ...metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${set.join("; ")}`,
  };
}

/** Returns what it set, as the annotation tells it. */
function fill(
  container: Container,
  requests: Record<string, string>,
  limits: Record<string, string>,
  what: string,
): string[] {
  const resources = container.resources ?? {};
  const told = (["requests", "limits"] as const).flatMap((field) => {
    const wanted = field === "requests" ? requests : limits;
    const missing = Object.keys(wanted).filter((name) => resources[field]?.[name] === undefined);
    if (missing.length === 0) return [];
    resources[field] = { ...wanted, ...resources[field] };
    const names = missing.toSorted().join(", ");
    return [`${names} ${field.slice(0, -1)} for ${what} ${container.name}`];
  });
  if (told.length > 0) container.resources = resources;
  return told;
}

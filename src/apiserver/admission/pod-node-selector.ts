/**
 * PodNodeSelector: the pods of a namespace go only to the nodes its annotation names. A pod may ask for
 * less than that, not for something else.
 *
 * In Kubernetes: plugin/pkg/admission/podnodeselector/admission.go. Differs: no file of cluster-wide defaults
 * and whitelists; the annotation of the namespace says it all.
 */
import { Namespace } from "../../api/namespace.ts";
import { Pod } from "../../api/pod.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { refusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";

const ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector";
const CONFLICT = "pod node label selector conflicts with its namespace node label selector";

export function podNodeSelector(options: { store: Store; cache: WatchCache }): AdmissionPlugin {
  return {
    name: "PodNodeSelector",
    async admit(request) {
      const { verb, subresource, kind, namespace, object } = request;
      if (verb !== "create" || subresource !== "" || kind !== Pod || object === undefined) return;
      const found = await findObject(Namespace, "", namespace, options);
      const text = found?.metadata.annotations?.[ANNOTATION];
      if (text === undefined) return;
      const wanted = selectorIn(text);
      if (wanted === undefined) throw refusal(request, `invalid selector: ${JSON.stringify(text)}`);
      const { spec } = object as Pod;
      const own = spec.nodeSelector ?? {};
      const differs = Object.entries(wanted).some(
        ([key, value]) => own[key] !== undefined && own[key] !== value,
      );
      if (differs) throw refusal(request, CONFLICT);
      spec.nodeSelector = { ...wanted, ...own };
    },
  };
}

/** "env=test,disk=ssd"; undefined where it is not that. */
function selectorIn(text: string): Record<string, string> | undefined {
  const pairs = text.split(",").filter((one) => one.trim() !== "");
  const entries = pairs.map((pair) => pair.split("=").map((part) => part.trim()));
  if (entries.some((pair) => pair.length !== 2 || pair[0] === "")) return undefined;
  return Object.fromEntries(entries as [string, string][]);
}

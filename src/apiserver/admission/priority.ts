/**
 * Priority: turns the name of a PriorityClass into the number the scheduler goes by, and sees to it
 * that there is one default at most.
 *
 * In Kubernetes: plugin/pkg/admission/priority/admission.go
 */
import type { KubeObject } from "../../api/kind.ts";
import { Pod } from "../../api/pod.ts";
import { PriorityClass } from "../../api/scheduling/priority-class.ts";
import type { Clock } from "../../component/clock.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { NamespacedCache } from "./namespaced-cache.ts";
import { refusal } from "./refusal.ts";

type Kept = Pick<PriorityClass, "metadata" | "value" | "preemptionPolicy">;

/** What a pod is worth where nobody says anything. */
const UNNAMED: Kept = {
  metadata: { name: "" },
  value: 0,
  preemptionPolicy: "PreemptLowerPriority",
};

export function priority(surroundings: { cache: WatchCache; clock: Clock }): AdmissionPlugin {
  const known = new NamespacedCache(PriorityClass, surroundings);
  return {
    name: "Priority",
    async admit(request) {
      known.note(request);
      const { kind, verb, subresource, object, oldObject } = request;
      if (subresource !== "" || object === undefined) return;
      if (kind === PriorityClass) {
        refuseSecondDefault(request, object, await known.list(""));
      } else if (kind === Pod) {
        if (verb === "create") resolve(request, object as Pod, await known.list(""));
        else keep(object as Pod, oldObject as Pod);
      }
    },
  };
}

/** Of several defaults, which only a race can bring about, the lowest. */
function defaultClass(classes: readonly PriorityClass[]): PriorityClass | undefined {
  const defaults = classes.filter(({ globalDefault }) => globalDefault);
  return defaults.toSorted((a, b) => a.value - b.value)[0];
}

function refuseSecondDefault(
  request: AdmissionRequest,
  object: KubeObject,
  classes: readonly PriorityClass[],
): void {
  const { metadata, globalDefault } = object as PriorityClass;
  const current = globalDefault ? defaultClass(classes) : undefined;
  if (!current) return;
  if (request.verb !== "create" && current.metadata.name === metadata.name) return;
  const why = "is already marked as default. Only one default can exist";
  throw refusal(request, `PriorityClass ${current.metadata.name} ${why}`);
}

function resolve(request: AdmissionRequest, { spec }: Pod, classes: readonly PriorityClass[]) {
  const found = classOf(request, spec.priorityClassName ?? "", classes);
  if (found.metadata.name !== "") spec.priorityClassName = found.metadata.name;
  const mustNot = (what: string, given: unknown, computed: unknown) =>
    refusal(
      request,
      `the ${what} (${given}) must not be provided in pod spec; ` +
        `priority admission controller computed ${computed} from the given PriorityClass name`,
    );
  if (spec.priority !== undefined && spec.priority !== found.value) {
    throw mustNot("integer value of priority", spec.priority, found.value);
  }
  spec.priority = found.value;
  const { preemptionPolicy: policy } = found;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw mustNot("string value of PreemptionPolicy", spec.preemptionPolicy, policy);
  }
  spec.preemptionPolicy = policy;
}

function classOf(request: AdmissionRequest, name: string, classes: readonly PriorityClass[]): Kept {
  if (name === "") return defaultClass(classes) ?? UNNAMED;
  const found = classes.find(({ metadata }) => metadata.name === name);
  if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`);
  return found;
}

/** Whoever writes a pod without having read these leaves them as they are. */
function keep({ spec }: Pod, { spec: old }: Pod): void {
  if (old.priority !== undefined) spec.priority ??= old.priority;
  if (old.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.preemptionPolicy;
}

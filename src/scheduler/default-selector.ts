/**
 * Which pods belong together, if the pod does not say: those that its services select and those
 * that its own controller made.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/helper/spread.go (DefaultSelector)
 */
import { ReplicaSet } from "../api/apps/replica-set.ts";
import { StatefulSet } from "../api/apps/stateful-set.ts";
import type { Kind } from "../api/kind.ts";
import { type LabelMatcher, matchesSelector, type Selector, selectorOf } from "../api/labels.ts";
import { controllerOf } from "../api/owner.ts";
import type { Pod } from "../api/pod.ts";
import { ReplicationController } from "../api/replication-controller.ts";
import { Service } from "../api/service.ts";
import type { Informers, Reader } from "../client/informer.ts";

/** Undefined: the pod belongs to nothing. */
export type DefaultSelector = (pod: Pod) => LabelMatcher | undefined;

/** The kinds that are asked. */
export const SELECTING_KINDS: readonly Kind[] = [
  Service,
  ReplicationController,
  ReplicaSet,
  StatefulSet,
] as unknown as Kind[];

export function defaultSelector(informers: Informers): DefaultSelector {
  const services: Reader<Service> = informers.of(Service);
  const requirementsOfOwner = ownerSelector(informers);
  return (pod) => {
    const { namespace, labels = {} } = pod.metadata;
    const wanted: Record<string, string> = {};
    for (const { spec } of services.list(namespace)) {
      if (isSelected(spec.selector, labels)) Object.assign(wanted, spec.selector);
    }
    const selector = [...selectorOf({ matchLabels: wanted }), ...requirementsOfOwner(pod)];
    return selector.length === 0 ? undefined : (others) => matchesSelector(selector, others);
  };
}

function ownerSelector(informers: Informers): (pod: Pod) => Selector {
  const controllers: Reader<ReplicationController> = informers.of(ReplicationController);
  const replicaSets: Reader<ReplicaSet> = informers.of(ReplicaSet);
  const statefulSets: Reader<StatefulSet> = informers.of(StatefulSet);
  return (pod) => {
    const { namespace } = pod.metadata;
    const { kind = "", apiVersion = "", name = "" } = controllerOf(pod) ?? {};
    switch (`${apiVersion} ${kind}`) {
      case "v1 ReplicationController": {
        const { selector = {} } = controllers.get(namespace, name)?.spec ?? {};
        return selectorOf({ matchLabels: selector });
      }
      case "apps/v1 ReplicaSet":
        return selectorOf(replicaSets.get(namespace, name)?.spec.selector ?? {});
      case "apps/v1 StatefulSet":
        return selectorOf(statefulSets.get(namespace, name)?.spec.selector ?? {});
      default:
        return [];
    }
  };
}

/** A service without a selector selects nothing here. */
function isSelected(selector: Record<string, string> = {}, labels: Record<string, string>) {
  const pairs = Object.entries(selector);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}

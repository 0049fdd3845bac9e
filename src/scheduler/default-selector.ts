/**
 * Which pods belong together, if the pod does not say: those that its services select and those
 * that its own controller made.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/helper/spread.go (DefaultSelector)
 */
import { controllerOf } from "../api/owner.ts";
import type { Pod } from "../api/pod.ts";
import { ReplicationController } from "../api/replication-controller.ts";
import { Service } from "../api/service.ts";
import type { Informers, Reader } from "../client/informer.ts";

/** Labels to look for. Undefined: the pod belongs to nothing. */
export type DefaultSelector = (pod: Pod) => Record<string, string> | undefined;

export function defaultSelector(informers: Informers): DefaultSelector {
  const services: Reader<Service> = informers.of(Service);
  const controllers: Reader<ReplicationController> = informers.of(ReplicationController);
  return (pod) => {
    const { namespace, labels = {} } = pod.metadata;
    const wanted: Record<string, string> = {};
    for (const { spec } of services.list(namespace)) {
      if (isSelected(spec.selector, labels)) Object.assign(wanted, spec.selector);
    }
    const owner = controllerOf(pod);
    if (owner?.kind === ReplicationController.kind && owner.apiVersion === "v1") {
      Object.assign(wanted, controllers.get(namespace, owner.name)?.spec.selector);
    }
    return Object.keys(wanted).length === 0 ? undefined : wanted;
  };
}

/** A service without a selector selects nothing here. */
function isSelected(selector: Record<string, string> = {}, labels: Record<string, string>) {
  const pairs = Object.entries(selector);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}

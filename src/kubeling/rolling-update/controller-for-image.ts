/**
 * The new controller where only an image is to change: a copy of the old one, told from it by one label
 * more, whose value is a digest of the copy. Pure.
 *
 * In Kubernetes: CreateNewControllerFromCurrentController in pkg/kubectl/rolling_updater.go (up to 1.17)
 */
import { createHash } from "node:crypto";
import type { ReplicationController } from "../../api/replication-controller.ts";
import { RollingUpdateError } from "./session.ts";

export interface ImageChange {
  image: string;
  /** "" where the pod has one container. */
  container: string;
  /** "" to leave it. */
  pullPolicy: string;
  /** The key of the label: "deployment". */
  deploymentKey: string;
  /** "" to make one up. */
  newName: string;
}

export function controllerForImage(
  old: ReplicationController,
  change: ImageChange,
): ReplicationController {
  const copy = structuredClone(old);
  const container = containerOf(copy, change.container);
  container.image = change.image;
  if (change.pullPolicy !== "") container.imagePullPolicy = change.pullPolicy;
  const hash = hashOf(copy);
  const { name, namespace, labels, annotations } = copy.metadata;
  const { spec } = copy;
  const mark = { [change.deploymentKey]: hash };
  spec.selector = { ...spec.selector, ...mark };
  const template = { ...spec.template.metadata };
  template.labels = { ...template.labels, ...mark };
  spec.template.metadata = template;
  return {
    ...{ apiVersion: copy.apiVersion, kind: copy.kind },
    metadata: {
      name: change.newName || `${name}-${hash}`,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec,
  };
}

/** Of the controller as the server has it, its resourceVersion included: two updates never have the same. */
export function hashOf(rc: ReplicationController): string {
  return createHash("md5").update(JSON.stringify(rc)).digest("hex");
}

function containerOf({ spec }: ReplicationController, name: string) {
  const { containers } = spec.template.spec;
  if (name !== "") {
    const named = containers.find((container) => container.name === name);
    if (named === undefined) throw new RollingUpdateError(`container ${name} not found in pod`);
    return named;
  }
  if (containers.length > 1) {
    throw new RollingUpdateError(
      "must specify container to update when updating a multi-container pod",
    );
  }
  return containers[0]!;
}

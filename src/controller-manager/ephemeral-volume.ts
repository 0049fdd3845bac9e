/**
 * Generic ephemeral volumes: a pod that says what claim it wants gets one of its own, which goes when it goes.
 *
 * In Kubernetes: pkg/controller/volume/ephemeral/controller.go
 */
import { isAlreadyExists } from "../api/errors.ts";
import { controllerRef } from "../api/owner.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { Pod } from "../api/pod.ts";
import { claimNameOf, isMadeFor } from "../api/pod-claims.ts";
import type { Controller } from "../client/control-loop.ts";

export const ephemeralVolumeController: Controller<Pod> = {
  name: "ephemeral-volume-controller",
  watches: Pod,
  owns: [PersistentVolumeClaim],

  async sync(pod, _key, { cached, client, events }) {
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const { namespace = "" } = pod.metadata;
    for (const volume of pod.spec.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (template === undefined) continue;
      const name = claimNameOf(pod, volume)!;
      const found = cached(PersistentVolumeClaim).get(namespace, name);
      if (found !== undefined) {
        if (isMadeFor(pod, found)) continue;
        const why = `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`;
        events.event(pod, "Warning", "FailedBinding", `ephemeral volume ${volume.name}: ${why}`);
        throw new Error(why);
      }
      const { labels, annotations } = template.metadata ?? {};
      const metadata = {
        name,
        ...(labels && { labels }),
        ...(annotations && { annotations }),
        ownerReferences: [controllerRef(pod)],
      };
      try {
        await client.create(PersistentVolumeClaim, namespace, { metadata, spec: template.spec });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  },
};

/**
 * The volume expander: a bound claim that asks for more than its volume has gets it, if the volume is of the
 * one provisioner that is built in; whoever else made the volume has to see to it.
 *
 * A directory has no size, so all there is to do is to say so: first on the claim that it is under way, then
 * on the volume, then on the claim that it is done.
 *
 * In Kubernetes: pkg/controller/volume/expand/expand_controller.go, and MarkResizeInProgressWithResizer and
 * MarkResizeFinished in pkg/volume/util/resize_util.go. Differs: there a directory of a node cannot grow.
 */
import { PersistentVolume } from "../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { quantityOf } from "../api/quantity.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { toApiTime } from "../component/clock.ts";
import { HOST_PATH_PROVISIONER, PROVISIONED_BY } from "./persistent-volume/provision.ts";

const RESIZER = "volume.kubernetes.io/storage-resizer";

export const volumeExpander: Controller<PersistentVolumeClaim> = {
  name: "volume_expand",
  watches: PersistentVolumeClaim,
  reads: [PersistentVolume],

  async sync(claim, key, context) {
    const { volumeName } = claim?.spec ?? {};
    if (claim?.status?.phase !== "Bound" || !volumeName) return;
    if (sizeOf(claim.status.capacity) >= wantedBy(claim)) return;
    const volume = context.cached(PersistentVolume).get("", volumeName);
    if (volume === undefined) throw new ExpandError(`failed to get PV "${volumeName}"`);
    if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
      throw new ExpandError(`persistent Volume is not bound to PVC being updated : ${key}`);
    }
    if (volume.metadata.annotations?.[PROVISIONED_BY] === HOST_PATH_PROVISIONER) {
      return expand(claim, volume, context);
    }
    const message = "waiting for an external controller to expand this PVC";
    context.events.event(claim, "Normal", "ExternalExpanding", message);
  },
};

async function expand(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, clock, events }: SyncContext,
): Promise<void> {
  const begun = await begin(claim, { client, clock });
  const { storage = "0" } = claim.spec.resources?.requests ?? {};
  if (sizeOf(volume.spec.capacity) < wantedBy(claim)) {
    const capacity = { ...volume.spec.capacity, storage };
    await client.update(PersistentVolume, { ...volume, spec: { ...volume.spec, capacity } });
  }
  const conditions = (begun.status?.conditions ?? []).filter(({ type }) => type !== "Resizing");
  const { conditions: _, ...rest } = begun.status ?? {};
  const capacity = { ...rest.capacity, storage };
  const status = { ...rest, capacity, ...(conditions.length > 0 && { conditions }) };
  await client.updateStatus(PersistentVolumeClaim, { ...begun, status });
  const { namespace, name } = claim.metadata;
  const done = `ExpandVolume succeeded for volume ${namespace}/${name}`;
  events.event(claim, "Normal", "VolumeResizeSuccessful", done);
}

/** Says who makes it grow, and that it is being done. */
async function begin(
  claim: PersistentVolumeClaim,
  { client, clock }: Pick<SyncContext, "client" | "clock">,
): Promise<PersistentVolumeClaim> {
  const { metadata, status = {} } = claim;
  const { conditions = [] } = status;
  if (conditions.some(({ type, status: is }) => type === "Resizing" && is === "True")) return claim;
  const annotations = { ...metadata.annotations, [RESIZER]: HOST_PATH_PROVISIONER };
  const now = { type: "Resizing", status: "True", lastTransitionTime: toApiTime(clock.now()) };
  return client.updateStatus(PersistentVolumeClaim, {
    ...claim,
    metadata: { ...metadata, annotations },
    status: { ...status, conditions: [...conditions, now] },
  });
}

function wantedBy({ spec }: PersistentVolumeClaim): bigint {
  return sizeOf(spec.resources?.requests);
}

function sizeOf(amounts: Record<string, string> = {}): bigint {
  return quantityOf(amounts.storage ?? "0").nano;
}

/** Expected now and then, so it carries a code and is logged in a line (see component/log.ts). */
class ExpandError extends Error {
  override readonly name = "ExpandError";
  readonly code = "VOLUME_NOT_EXPANDED";
}

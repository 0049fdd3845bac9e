/**
 * An object as another version of its kind has it, for who asked to see that version; and back.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/conversion.go
 */
import type { Kind, KubeObject, ObjectMeta } from "../../api/kind.ts";
import { copyOf } from "../stored-object.ts";
import type { AdmissionRequest } from "./admission.ts";

/** As `kind`; what is of another kind by itself (a Scale, an Eviction) is shown as it is. */
export async function asShown(
  { kind: from, objectKind }: AdmissionRequest,
  object: KubeObject,
  kind: Kind,
): Promise<KubeObject> {
  return objectKind === undefined ? asVersion(object, from, kind) : object;
}

/** The same for who may change it: what the server gives a new object comes after that. */
export async function asSeenBefore(
  request: AdmissionRequest,
  object: KubeObject,
  kind: Kind,
): Promise<KubeObject> {
  const shown = await asShown(request, object, kind);
  if (request.verb !== "create" || request.objectKind !== undefined) return shown;
  const { uid: _, name, ...metadata } = shown.metadata;
  const named = request.isNameGenerated ? {} : { name };
  const creationTimestamp = null as unknown as string;
  return { ...shown, metadata: { ...named, ...metadata, creationTimestamp } as ObjectMeta };
}

export async function asVersion(object: KubeObject, from: Kind, to: Kind): Promise<KubeObject> {
  if (from === to) return object;
  const stored = await toStored(copyOf(object), from);
  if (to.storedAs) return to.storedAs.fromStored(stored);
  if (!to.custom) return stored;
  const [shown] = await to.custom.fromStored([stored]);
  return shown!;
}

function toStored(object: KubeObject, kind: Kind): KubeObject | Promise<KubeObject> {
  if (kind.storedAs) return kind.storedAs.toStored(object);
  return kind.custom ? kind.custom.toStored(object) : object;
}

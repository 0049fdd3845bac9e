/**
 * An object as another version of its kind has it, for who asked to see that version; and back.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/conversion.go
 */
import type { Kind, KubeObject } from "../../api/kind.ts";
import { copyOf } from "../stored-object.ts";

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

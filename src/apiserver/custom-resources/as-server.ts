/** Writes the status of an object in the server's own name: only of the version that was read. */
import type { Kind, KubeObject } from "../../api/kind.ts";
import type { Registry, WriteContext } from "../registry.ts";

export const AS_SERVER: WriteContext = {
  user: { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] },
  isDryRun: false,
  warn: () => undefined,
};

export async function writeAsServer(registry: Registry, kind: Kind, obj: KubeObject) {
  const target = { kind, namespace: "", name: obj.metadata.name, subresource: "status" };
  await registry.update(target, () => obj, AS_SERVER);
}

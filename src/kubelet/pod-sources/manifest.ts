/**
 * Static pods: made of manifests from a file or a URL, and given what the API server would have given
 * them. The name ends in the node's, so that the same manifest may lie on many nodes.
 *
 * In Kubernetes: pkg/kubelet/config/common.go
 */
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { Pod } from "../../api/pod.ts";
import { CONFIG_HASH, CONFIG_SOURCE } from "./mirror-pods.ts";

const CONFIG_SEEN = "kubernetes.io/config.seen";

export interface ManifestContext {
  source: "file" | "http";
  /** "file:/etc/kubernetes/manifests/etcd.yaml" */
  origin: string;
  nodeName: string;
  /** Now, as the API writes it. */
  now: string;
}

/** The pods of a manifest: one, or those of a PodList. Throws, saying why, when it holds none. */
export function podsOf(text: string, context: ManifestContext): Pod[] {
  const object: unknown = parse(text, { version: "1.1" });
  if (typeof object !== "object" || object === null) throw new Error("it is no object");
  const { kind, items } = object as { kind?: string; items?: unknown };
  if (kind === "PodList" && Array.isArray(items)) {
    return items.map((item) => staticPod({ kind: "Pod", ...item }, context));
  }
  if (kind !== "Pod") throw new Error(`a Pod was expected, not a ${kind ?? "thing without kind"}`);
  return [staticPod(object as Pod, context)];
}

function staticPod(given: Pod, { source, origin, nodeName, now }: ManifestContext): Pod {
  if (!given.metadata?.name) throw new Error("metadata.name: Required value");
  const { name, namespace = "default", uid, annotations, ...metadata } = given.metadata;
  const id = uid ?? hashOf(`host:${nodeName}${origin}${JSON.stringify(given)}`);
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      name: `${name}-${nodeName.toLowerCase()}`,
      namespace,
      uid: id,
      creationTimestamp: now,
      annotations: {
        ...annotations,
        [CONFIG_HASH]: id,
        [CONFIG_SEEN]: now,
        [CONFIG_SOURCE]: source,
      },
    },
    spec: { ...given.spec, nodeName },
    status: { phase: "Pending" },
  };
  Pod.setDefaults?.(pod);
  // No taint that came with trouble on the node may drive it away.
  pod.spec.tolerations = [
    ...(pod.spec.tolerations ?? []),
    { operator: "Exists", effect: "NoExecute" },
  ];
  const [wrong] = Pod.validate?.(pod) ?? [];
  if (wrong) throw new Error(`${wrong.field}: ${wrong.message}`);
  return pod;
}

export function hashOf(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

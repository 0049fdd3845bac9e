/**
 * The downward API: what a container may learn of its own pod, as text.
 *
 * In Kubernetes: pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go
 */
import type { Container, ResourceFieldSelector } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { parseQuantity } from "../../api/quantity.ts";
import { ConfigError } from "./config-objects.ts";

export interface PodAddresses {
  podIP: string;
  hostIP: string;
}

/** The value of `fieldPath`: "metadata.labels['app']", "status.podIP". */
export function podField(pod: Pod, fieldPath: string, addresses: PodAddresses): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    return metadata[subscript[1] as "labels" | "annotations"]?.[subscript[2]!] ?? "";
  }
  const fields: Record<string, () => string> = {
    "metadata.name": () => metadata.name,
    "metadata.namespace": () => metadata.namespace ?? "",
    "metadata.uid": () => metadata.uid ?? "",
    "metadata.labels": () => formatMap(metadata.labels),
    "metadata.annotations": () => formatMap(metadata.annotations),
    "spec.nodeName": () => spec.nodeName ?? "",
    "spec.serviceAccountName": () => spec.serviceAccountName ?? "",
    "status.hostIP": () => addresses.hostIP,
    "status.hostIPs": () => addresses.hostIP,
    "status.podIP": () => addresses.podIP,
    "status.podIPs": () => addresses.podIP,
  };
  const field = fields[fieldPath];
  if (field === undefined) throw new ConfigError(`unsupported fieldPath: ${fieldPath}`);
  return field();
}

/** A request or limit in units of the divisor, rounded up; without a limit, what the node has. */
export function containerResource(
  container: Container,
  { resource, divisor }: ResourceFieldSelector,
  allocatable: Record<string, string>,
): string {
  const [kind, ...rest] = resource.split(".") as ["limits" | "requests", ...string[]];
  const name = rest.join(".");
  const { limits = {}, requests = {} } = container.resources ?? {};
  const own = kind === "limits" ? limits[name] : (requests[name] ?? limits[name]);
  const quantity = own ?? (kind === "limits" ? allocatable[name] : undefined) ?? "0";
  const unit = divisor === undefined || divisor === "0" ? "1" : divisor;
  return divideUp(quantity, unit);
}

function divideUp(quantity: string, unit: string): string {
  const { nano } = parseQuantity(quantity);
  const by = parseQuantity(unit).nano;
  return String((nano + by - 1n) / by);
}

/** key="value" lines, sorted by key. */
function formatMap(map: Record<string, string> = {}): string {
  return Object.keys(map)
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join("\n");
}

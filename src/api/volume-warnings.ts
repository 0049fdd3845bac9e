/**
 * Volumes of a kind that is on its way out or gone, and files that are to be in each other's place.
 *
 * In Kubernetes: warningsForPodSpecAndMeta and warningsForOverlappingVirtualPaths in pkg/api/pod/warnings.go,
 * pkg/api/persistentvolume/util.go
 */
import type { Volume, VolumeProjection } from "kubernetes-types/core/v1.js";
import { claimSpecWarnings } from "./quantity-warnings.ts";

/** Source, as the message spells it, and since when. */
const POD_SOURCES: [source: keyof Volume, spelled: string, since: string][] = [
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "gitRepo", "deprecated in v1.11"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["ephemeral", "", ""],
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

const PERSISTENT_ORDER = [
  "cephfs",
  "photonPersistentDisk",
  "scaleIO",
  "storageos",
  "glusterfs",
  "rbd",
];

export function volumeWarnings(volumes: Volume[], path: string): string[] {
  return [
    ...volumes.flatMap((volume, index) => sourceWarnings(volume, `${path}[${index}]`)),
    ...volumes.flatMap(overlapWarnings),
  ];
}

function sourceWarnings(volume: Volume, path: string): string[] {
  return POD_SOURCES.flatMap(([source, spelled, since]) => {
    if (volume[source] === undefined) return [];
    if (source !== "ephemeral") return [`${path}.${spelled}: ${since}`];
    const { volumeClaimTemplate: template } = volume.ephemeral!;
    const at = `${path}.ephemeral.volumeClaimTemplate.spec`;
    return template?.spec ? claimSpecWarnings(template.spec, at) : [];
  });
}

/** Of a PersistentVolume. */
export function persistentSourceWarnings(spec: object): string[] {
  return PERSISTENT_ORDER.filter((source) => source in spec).map((source) => {
    const [, spelled, since] = POD_SOURCES.find(([one]) => one === source)!;
    return `spec.${spelled}: ${since}`;
  });
}

function overlapWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const volume = `volume ${JSON.stringify(name)}`;
  const pathsOf = (items: { path: string }[] | undefined) => (items ?? []).map((one) => one.path);
  const map = `${volume} (ConfigMap ${JSON.stringify(configMap?.name ?? "")})`;
  const hidden = `${volume} (Secret ${JSON.stringify(secret?.secretName ?? "")})`;
  return [
    ...overlaps(pathsOf(configMap?.items), map),
    ...overlaps(pathsOf(secret?.items), hidden),
    ...overlaps(pathsOf(downwardAPI?.items), `${volume} (DownwardAPI)`),
    ...projectedWarnings(projected?.sources ?? [], volume),
  ];
}

function projectedWarnings(sources: VolumeProjection[], volume: string): string[] {
  const before = new Set<string>();
  return sources.flatMap((source) => {
    if (Object.keys(source).length === 0) return [`${volume} (Projected) has no sources provided`];
    const { what, paths } = projectionOf(source);
    const label = `${volume} (Projected ${what})`;
    const own = overlaps(paths, label);
    const unique = [...new Set(paths)];
    const withOthers = paths.length > 0 ? overlaps([...unique, ...before].toSorted(), label) : [];
    for (const one of unique) before.add(one);
    return [...own, ...withOthers];
  });
}

function projectionOf(source: VolumeProjection): { what: string; paths: string[] } {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  const pathsOf = (items: { path: string }[]) => items.map((one) => one.path);
  if (configMap?.items) {
    const what = `ConfigMap ${JSON.stringify(configMap.name ?? "")}`;
    return { what, paths: pathsOf(configMap.items) };
  }
  if (secret?.items) {
    return { what: `Secret ${JSON.stringify(secret.name ?? "")}`, paths: pathsOf(secret.items) };
  }
  if (downwardAPI?.items) return { what: "DownwardAPI", paths: pathsOf(downwardAPI.items) };
  if (serviceAccountToken === undefined) return { what: "", paths: [] };
  return { what: "ServiceAccountToken", paths: [serviceAccountToken.path ?? ""] };
}

function overlaps(paths: string[], what: string): string[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const plain = path.replace(/\/+$/, "");
    const other = [...seen].find((one) => areInPlace(one, plain));
    seen.add(plain);
    if (!other || plain === "") return [];
    return [`${what}: overlapping paths: ${JSON.stringify(plain)} with ${JSON.stringify(other)}`];
  });
}

function areInPlace(one: string, other: string): boolean {
  return `${one}/`.startsWith(other) || `${other}/`.startsWith(one);
}

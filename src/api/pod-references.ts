/**
 * What a pod names in its namespace: secrets, config maps and claims; and which secrets a volume behind a claim names.
 *
 * In Kubernetes: VisitPodSecretNames and VisitPodConfigmapNames in pkg/api/v1/pod/util.go, VisitPVSecretNames in
 * pkg/api/v1/persistentvolume/util.go
 */
import type { Container, Volume } from "kubernetes-types/core/v1.js";
import type { PersistentVolume } from "./persistent-volume.ts";
import type { Pod } from "./pod.ts";

export function* secretsOf({ spec }: Pod): Generator<string | undefined> {
  for (const { name } of spec.imagePullSecrets ?? []) yield name;
  for (const container of containersOf(spec)) {
    for (const { secretRef } of container.envFrom ?? []) yield secretRef?.name;
    for (const { valueFrom } of container.env ?? []) yield valueFrom?.secretKeyRef?.name;
  }
  for (const volume of spec.volumes ?? []) yield* secretsOfVolume(volume);
}

export function* configMapsOf({ spec }: Pod): Generator<string | undefined> {
  for (const container of containersOf(spec)) {
    for (const { configMapRef } of container.envFrom ?? []) yield configMapRef?.name;
    for (const { valueFrom } of container.env ?? []) yield valueFrom?.configMapKeyRef?.name;
  }
  for (const { configMap, projected } of spec.volumes ?? []) {
    yield configMap?.name;
    for (const source of projected?.sources ?? []) yield source.configMap?.name;
  }
}

export function* claimsOf({ spec, metadata }: Pod): Generator<string | undefined> {
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    yield persistentVolumeClaim?.claimName;
    if (ephemeral !== undefined) yield `${metadata.name}-${name}`;
  }
}

function* secretsOfVolume(volume: Volume): Generator<string | undefined> {
  yield volume.secret?.secretName;
  for (const source of volume.projected?.sources ?? []) yield source.secret?.name;
  yield volume.azureFile?.secretName;
  yield volume.cephfs?.secretRef?.name;
  yield volume.cinder?.secretRef?.name;
  yield volume.csi?.nodePublishSecretRef?.name;
  yield volume.flexVolume?.secretRef?.name;
  yield volume.iscsi?.secretRef?.name;
  yield volume.rbd?.secretRef?.name;
  yield volume.scaleIO?.secretRef?.name;
  yield volume.storageos?.secretRef?.name;
}

function containersOf({ containers, initContainers = [], ephemeralContainers = [] }: Pod["spec"]) {
  return [...initContainers, ...containers, ...ephemeralContainers] as Container[];
}

/** The secrets a volume's driver on the node is given, each with its namespace. */
export function* volumeSecretsOf({ spec }: PersistentVolume): Generator<NamespacedName> {
  const own = spec.claimRef?.namespace;
  const { azureFile, csi, iscsi, scaleIO, storageos } = spec;
  yield { namespace: azureFile?.secretNamespace ?? own, name: azureFile?.secretName };
  const references = [spec.cephfs, spec.cinder, spec.flexVolume, spec.rbd, iscsi, scaleIO];
  for (const source of references) {
    const { namespace = own, name } = source?.secretRef ?? {};
    yield { namespace, name };
  }
  yield { namespace: storageos?.secretRef?.namespace, name: storageos?.secretRef?.name };
  yield csi?.nodePublishSecretRef ?? {};
  yield csi?.nodeStageSecretRef ?? {};
  yield csi?.nodeExpandSecretRef ?? {};
}

interface NamespacedName {
  namespace?: string | undefined;
  name?: string | undefined;
}

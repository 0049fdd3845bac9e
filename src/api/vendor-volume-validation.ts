/**
 * The sources of cloud providers and storage vendors, as a volume of a pod and as a PersistentVolume have them.
 * This cluster mounts none of them; what is wrong with one is told all the same.
 *
 * In Kubernetes: the validate<Vendor>VolumeSource functions of pkg/apis/core/validation/validation.go
 */
import type { PersistentVolumeSpec, Volume } from "kubernetes-types/core/v1.js";
import { type FieldError, invalidValue, notSupported, required } from "./field-error.ts";
import { iscsiErrors } from "./iscsi-validation.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors, inclusiveRange } from "./names.ts";
import { descendingPathErrors } from "./path-validation.ts";
import { csiDriverNameErrors } from "./storage/csi-driver-name.ts";

/** The sources of a pod's volume or of a PersistentVolume; where both have one, it has the fields of either. */
export type VolumeSources = Omit<Volume, "name"> & Omit<PersistentVolumeSpec, keyof Volume>;

/** Where a source stands. */
export interface SourcePlace {
  /** The path in messages. */
  path: string;
  /** The name of the volume. */
  name: string;
  isPersistent: boolean;
}

type Source = Record<string, unknown>;
type Check = (source: Source, place: SourcePlace) => FieldError[];

/** What cannot be left out, in the order in which it is missed. */
const REQUIRED: Record<string, string[]> = {
  awsElasticBlockStore: ["volumeID"],
  azureDisk: ["diskName", "diskURI"],
  azureFile: ["secretName", "shareName"],
  cephfs: ["monitors"],
  cinder: ["volumeID"],
  flexVolume: ["driver"],
  gcePersistentDisk: ["pdName"],
  gitRepo: ["repository"],
  glusterfs: ["endpoints", "path"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  rbd: ["monitors", "image"],
  scaleIO: ["gateway", "system", "volumeName"],
  vsphereVolume: ["volumePath"],
};

const CHECKS: Record<string, Check> = {
  awsElasticBlockStore: partitionErrors,
  azureDisk: azureDiskErrors,
  azureFile: ({ secretNamespace }, { path, isPersistent }) =>
    isPersistent && secretNamespace === "" ? [required(`${path}.secretNamespace`)] : [],
  cinder: secretErrors,
  csi: csiErrors,
  fc: fibreChannelErrors,
  flexVolume: flexErrors,
  flocker: flockerErrors,
  gcePersistentDisk: partitionErrors,
  gitRepo: ({ directory }, { path }) => descendingPathErrors(text(directory), `${path}.directory`),
  glusterfs: endpointsNamespaceErrors,
  iscsi: (source, place) => iscsiErrors(source, place),
  quobyte: quobyteErrors,
  storageos: storageOsErrors,
};

/** What is wrong with the source of this name; nothing where it is no vendor's. */
export function vendorSourceErrors(name: string, source: object, place: SourcePlace): FieldError[] {
  const fields = source as Source;
  const missing = (REQUIRED[name] ?? []).filter((field) => isEmpty(fields[field]));
  return [
    ...missing.map((field) => required(`${place.path}.${field}`)),
    ...(CHECKS[name]?.(fields, place) ?? []),
  ];
}

function partitionErrors({ partition = 0 }: Source, { path }: SourcePlace): FieldError[] {
  if (Number(partition) >= 0 && Number(partition) <= 255) return [];
  return [invalidValue(`${path}.partition`, partition, inclusiveRange(1, 255))];
}

function azureDiskErrors(disk: Source, { path }: SourcePlace): FieldError[] {
  const { cachingMode, kind } = disk;
  const uri = text(disk.diskURI);
  const errors: FieldError[] = [];
  const choose = (field: string, value: unknown, choices: string[]) => {
    if (value === undefined || choices.includes(text(value))) return;
    errors.push(notSupported(`${path}.${field}`, value, choices));
  };
  choose("cachingMode", cachingMode, ["None", "ReadOnly", "ReadWrite"]);
  choose("kind", kind, ["Dedicated", "Managed", "Shared"]);
  if (kind === "Managed" && !uri.startsWith("/subscriptions/")) {
    const form =
      "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    errors.push(notSupported(`${path}.diskURI`, uri, [form]));
  }
  if (kind !== undefined && kind !== "Managed" && !uri.startsWith("https://")) {
    const form = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    errors.push(notSupported(`${path}.diskURI`, uri, [form]));
  }
  return errors;
}

/** A pod's secret is in its own namespace; a volume, which is in none, has to say where. */
function secretErrors({ secretRef }: Source, { path, isPersistent }: SourcePlace): FieldError[] {
  if (secretRef === undefined) return [];
  const { name, namespace } = secretRef as { name?: string; namespace?: string };
  return [
    ...(name ? [] : [required(`${path}.secretRef.name`)]),
    ...(namespace || !isPersistent ? [] : [required(`${path}.secretRef.namespace`)]),
  ];
}

function csiErrors(csi: Source, { path, isPersistent }: SourcePlace): FieldError[] {
  const errors = csiDriverNameErrors(text(csi.driver), `${path}.driver`);
  if (!isPersistent) {
    if (csi.nodePublishSecretRef === undefined) return errors;
    const { name } = csi.nodePublishSecretRef as { name?: string };
    if (!name) return [...errors, required(`${path}.nodePublishSecretRef.name`)];
    const wrong = dns1123SubdomainErrors(name);
    return [...errors, ...wrong.map((error) => invalidValue(`${path}.name`, name, error))];
  }
  if (isEmpty(csi.volumeHandle)) errors.push(required(`${path}.volumeHandle`));
  const secrets = ["controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"];
  return [
    ...errors,
    ...secrets.flatMap((use) => {
      const reference = csi[`${use}SecretRef`];
      return reference ? referenceErrors(reference, `${path}.${use}SecretRef`) : [];
    }),
  ];
}

function referenceErrors(reference: object, path: string): FieldError[] {
  const { name, namespace } = reference as { name?: string; namespace?: string };
  const checked = (field: string, value: string | undefined, wrongOf: typeof dns1123LabelErrors) =>
    value
      ? wrongOf(value).map((error) => invalidValue(`${path}.${field}`, value, error))
      : [required(`${path}.${field}`)];
  return [
    ...checked("name", name, dns1123SubdomainErrors),
    ...checked("namespace", namespace, dns1123LabelErrors),
  ];
}

function fibreChannelErrors({ targetWWNs, wwids, lun }: Source, { path }: SourcePlace) {
  const errors: FieldError[] = [];
  const at = `${path}.targetWWNs`;
  if (isEmpty(targetWWNs) && isEmpty(wwids)) {
    errors.push(required(at, "must specify either targetWWNs or wwids, but not both"));
  }
  if (isEmpty(targetWWNs)) return errors;
  if (!isEmpty(wwids)) {
    const why = "targetWWNs and wwids can not be specified simultaneously";
    errors.push(invalidValue(at, targetWWNs, why));
  }
  if (lun === undefined) {
    errors.push(required(`${path}.lun`, "lun is required if targetWWNs is specified"));
  } else if (Number(lun) < 0 || Number(lun) > 255) {
    errors.push(invalidValue(`${path}.lun`, lun, inclusiveRange(0, 255)));
  }
  return errors;
}

function flexErrors({ options = {} }: Source, { path }: SourcePlace): FieldError[] {
  return Object.keys(options as object).flatMap((key) => {
    const namespace = `.${key.split("/")[0]!.toLowerCase()}`;
    if (!/\.(kubernetes|k8s)\.io$/.test(namespace)) return [];
    const why = "kubernetes.io and k8s.io namespaces are reserved";
    return [invalidValue(`${path}.options[${key}]`, key, why)];
  });
}

function flockerErrors({ datasetName, datasetUUID }: Source, { path }: SourcePlace): FieldError[] {
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) {
    errors.push(required(path, "one of datasetName and datasetUUID is required"));
  }
  if (datasetName && datasetUUID) {
    const why = "datasetName and datasetUUID can not be specified simultaneously";
    errors.push(invalidValue(path, "resource", why));
  }
  if (!text(datasetName).includes("/")) return errors;
  return [...errors, invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'")];
}

function endpointsNamespaceErrors({ endpointsNamespace: name }: Source, place: SourcePlace) {
  if (!place.isPersistent || name === undefined) return [];
  const at = `${place.path}.endpointsNamespace`;
  const why = "if the endpointnamespace is set, it must be a valid namespace name";
  if (name === "") return [invalidValue(at, name, why)];
  return dns1123LabelErrors(text(name)).map((error) => invalidValue(at, name, error));
}

function quobyteErrors({ registry, tenant, volume }: Source, { path }: SourcePlace): FieldError[] {
  const pairs = "must be a host:port pair or multiple pairs separated by commas";
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${path}.registry`, pairs));
  else if (text(tenant).length >= 65) {
    const why = "must be a UUID and may not exceed a length of 64 characters";
    errors.push(required(`${path}.tenant`, why));
  } else {
    const wrong = text(registry)
      .split(",")
      .filter((pair) => !/^(\[[^[\]]*\]|[^:[\]]*):[^:]*$/.test(pair));
    errors.push(...wrong.map(() => invalidValue(`${path}.registry`, registry, pairs)));
  }
  return volume ? errors : [...errors, required(`${path}.volume`)];
}

function storageOsErrors(source: Source, place: SourcePlace): FieldError[] {
  const { volumeName, volumeNamespace } = source;
  const label = (field: string, value: unknown) =>
    dns1123LabelErrors(text(value)).map((e) => invalidValue(`${place.path}.${field}`, value, e));
  return [
    ...(volumeName ? label("volumeName", volumeName) : [required(`${place.path}.volumeName`)]),
    ...(volumeNamespace ? label("volumeNamespace", volumeNamespace) : []),
    ...secretErrors(source, place),
  ];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * Volumes: a name that is given once, and exactly one source.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateVolumes)
 */
import type { PersistentVolumeClaimTemplate, Volume } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { validateAnnotations, validateLabels } from "./metadata-validation.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors } from "./names.ts";
import {
  backstepErrors,
  fileModeErrors,
  type KeyToPath,
  keyToPathErrors,
} from "./path-validation.ts";
import { validateClaimSpec } from "./persistent-volume-claim-validation.ts";
import { downwardErrors, projectedErrors } from "./projected-volume-validation.ts";
import { quantityError, quantityOf } from "./quantity.ts";
import { vendorSourceErrors } from "./vendor-volume-validation.ts";

/** In the order in which Kubernetes looks at them; all but the first found are too many. */
const SOURCES = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "quobyte",
  "downwardAPI",
  "fc",
  "flexVolume",
  "configMap",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "storageos",
  "projected",
  "scaleIO",
  "csi",
  "ephemeral",
] as const;

/** Where Kubernetes' messages spell a field otherwise than its API does. */
const SPELLINGS: Record<string, string> = { cephfs: "cephFS", downwardAPI: "downwarAPI" };

const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

/** Those a container may mount, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

/** What is wrong with the volumes, and those that may be mounted. `podName` is "" where there is no pod yet. */
export function validateVolumes(
  volumes: Volume[],
  path: string,
  podName: string,
): { errors: FieldError[]; valid: Volumes } {
  const valid = new Map<string, Volume>();
  const made = new Set(
    volumes.filter((one) => one.ephemeral).map((one) => `${podName}-${one.name}`),
  );
  const errors = volumes.flatMap((volume, index) => {
    const { name, persistentVolumeClaim: claim } = volume;
    const at = `${path}[${index}]`;
    const wrong = [...sourceErrors(volume, at, podName), ...nameErrors(name, `${at}.name`)];
    if (valid.has(name)) wrong.push(duplicate(`${at}.name`, name));
    if (wrong.length === 0) valid.set(name, volume);
    if (podName !== "" && claim && made.has(claim.claimName)) {
      const why = "must not reference a PVC that gets created for an ephemeral volume";
      wrong.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim.claimName, why));
    }
    return wrong;
  });
  return { errors, valid };
}

function nameErrors(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  return dns1123LabelErrors(name).map((error) => invalidValue(path, name, error));
}

function sourceErrors(volume: Volume, path: string, podName: string): FieldError[] {
  const [first, ...others] = SOURCES.filter((source) => volume[source] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  const tooMany = others.map((source) =>
    forbidden(`${path}.${SPELLINGS[source] ?? source}`, "may not specify more than 1 volume type"),
  );
  const at = `${path}.${first === "gcePersistentDisk" ? "persistentDisk" : first}`;
  return [...oneSourceErrors(volume, first, at, podName), ...tooMany];
}

function oneSourceErrors(
  volume: Volume,
  source: (typeof SOURCES)[number],
  path: string,
  podName: string,
): FieldError[] {
  switch (source) {
    case "emptyDir":
      return emptyDirErrors(volume.emptyDir?.sizeLimit, path);
    case "hostPath":
      return hostPathErrors(volume.hostPath!, path);
    case "secret":
      return fileErrors(volume.secret!, volume.secret?.secretName, `${path}.secretName`, path);
    case "configMap":
      return fileErrors(volume.configMap!, volume.configMap?.name, `${path}.name`, path);
    case "persistentVolumeClaim": {
      const { claimName } = volume.persistentVolumeClaim!;
      return claimName ? [] : [required(`${path}.claimName`)];
    }
    case "nfs":
      return nfsErrors(volume.nfs!, path);
    case "downwardAPI": {
      const { defaultMode, items = [] } = volume.downwardAPI!;
      return [
        ...fileModeErrors(defaultMode, `${path}.defaultMode`),
        ...downwardErrors(items, path),
      ];
    }
    case "projected":
      return projectedErrors(volume.projected!, path);
    case "ephemeral":
      return [
        ...claimTemplateErrors(
          volume.ephemeral!.volumeClaimTemplate,
          `${path}.volumeClaimTemplate`,
        ),
        ...claimNameErrors(podName, volume.name, path.replace(/\.ephemeral$/, ".name")),
      ];
    default:
      return vendorSourceErrors(source, volume[source]!, {
        path,
        name: volume.name ?? "",
        isPersistent: false,
      });
  }
}

/** Of the claim's metadata only labels and annotations have a meaning. */
function claimTemplateErrors(
  template: PersistentVolumeClaimTemplate | undefined,
  path: string,
): FieldError[] {
  if (template === undefined) return [required(path)];
  const { labels = {}, annotations = {}, ...others } = template.metadata ?? ({} as ObjectMeta);
  return [
    ...validateAnnotations(annotations, `${path}.metadata.annotations`),
    ...validateLabels(labels, `${path}.metadata.labels`),
    ...Object.entries(others)
      .filter(([, value]) => value !== null && value !== "")
      .map(([field]) => forbidden(`${path}.metadata.${field}`, "cannot be set")),
    ...validateClaimSpec(template.spec ?? {}, `${path}.spec`),
  ];
}

/** The claim of an ephemeral volume is called by the pod and the volume. */
function claimNameErrors(podName: string, name: string, path: string): FieldError[] {
  if (podName === "" || !name) return [];
  const claim = `${podName}-${name}`;
  return dns1123SubdomainErrors(claim).map((error) =>
    invalidValue(path, name, `PVC name ${JSON.stringify(claim)}: ${error}`),
  );
}

function emptyDirErrors(sizeLimit: string | undefined, path: string): FieldError[] {
  if (sizeLimit === undefined) return [];
  const isReadable = quantityError(String(sizeLimit)) === undefined;
  if (isReadable && quantityOf(sizeLimit).nano >= 0n) return [];
  return [forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity")];
}

export function hostPathErrors(
  source: NonNullable<Volume["hostPath"]>,
  path: string,
): FieldError[] {
  const { path: hostPath, type = "" } = source;
  if (!hostPath) return [required(`${path}.path`)];
  const errors = backstepErrors(hostPath, `${path}.path`);
  if (HOST_PATH_TYPES.includes(type)) return errors;
  return [...errors, notSupported(`${path}.type`, type, HOST_PATH_TYPES)];
}

function fileErrors(
  { defaultMode, items }: { defaultMode?: number; items?: KeyToPath[] },
  name: string | undefined,
  namePath: string,
  path: string,
): FieldError[] {
  const errors = name ? [] : [required(namePath)];
  return [
    ...errors,
    ...fileModeErrors(defaultMode, `${path}.defaultMode`),
    ...keyToPathErrors(items, `${path}.items`),
  ];
}

export function nfsErrors({ server, path: share }: NonNullable<Volume["nfs"]>, path: string) {
  const errors: FieldError[] = [];
  if (!server) errors.push(required(`${path}.server`));
  if (!share) errors.push(required(`${path}.path`));
  if (!share?.startsWith("/")) {
    errors.push(invalidValue(`${path}.path`, share ?? "", "must be an absolute path"));
  }
  return errors;
}

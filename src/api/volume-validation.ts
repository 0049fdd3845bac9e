/**
 * Volumes: a name that is given once, and exactly one source.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateVolumes); differs: of the sources of
 * cloud providers and storage vendors, which this cluster cannot mount, only their number is checked.
 */
import type { DownwardAPIVolumeFile, Volume } from "kubernetes-types/core/v1.js";
import { resourceFieldErrors, volumeFieldRefErrors } from "./env-validation.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { dns1123LabelErrors } from "./names.ts";
import {
  backstepErrors,
  fileModeErrors,
  fileNameErrors,
  type KeyToPath,
  keyToPathErrors,
} from "./path-validation.ts";
import { quantityError, quantityOf } from "./quantity.ts";

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

/** What is wrong with the volumes, and the names of those that may be mounted. */
export function validateVolumes(
  volumes: Volume[],
  path: string,
): { errors: FieldError[]; names: Set<string> } {
  const names = new Set<string>();
  const errors = volumes.flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const wrong = [...sourceErrors(volume, at), ...nameErrors(volume.name, `${at}.name`)];
    if (names.has(volume.name)) wrong.push(duplicate(`${at}.name`, volume.name));
    if (wrong.length === 0) names.add(volume.name);
    return wrong;
  });
  return { errors, names };
}

function nameErrors(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  return dns1123LabelErrors(name).map((error) => invalidValue(path, name, error));
}

function sourceErrors(volume: Volume, path: string): FieldError[] {
  const [first, ...others] = SOURCES.filter((source) => volume[source] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  const tooMany = others.map((source) =>
    forbidden(`${path}.${SPELLINGS[source] ?? source}`, "may not specify more than 1 volume type"),
  );
  return [...oneSourceErrors(volume, first, `${path}.${first}`), ...tooMany];
}

function oneSourceErrors(volume: Volume, source: string, path: string): FieldError[] {
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
    default:
      return [];
  }
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
  else if (!share.startsWith("/")) {
    errors.push(invalidValue(`${path}.path`, share, "must be an absolute path"));
  }
  return errors;
}

// Kubernetes leaves the index out of the paths of downward API files.
function downwardErrors(items: DownwardAPIVolumeFile[], path: string): FieldError[] {
  return items.flatMap(({ path: file, fieldRef, resourceFieldRef, mode }) => {
    const errors = file ? [] : [required(`${path}.path`)];
    errors.push(...fileNameErrors(file ?? "", `${path}.path`));
    if (fieldRef) {
      errors.push(...volumeFieldRefErrors(fieldRef, `${path}.fieldRef`));
      if (resourceFieldRef) {
        const why = "fieldRef and resourceFieldRef can not be specified simultaneously";
        errors.push(invalidValue(path, "resource", why));
      }
    } else if (resourceFieldRef) {
      errors.push(...resourceFieldErrors(resourceFieldRef, `${path}.resourceFieldRef`, true));
    } else {
      errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
    }
    return [...errors, ...fileModeErrors(mode, `${path}.mode`)];
  });
}

function projectedErrors(source: NonNullable<Volume["projected"]>, path: string): FieldError[] {
  const errors = fileModeErrors(source.defaultMode, `${path}.defaultMode`);
  for (const [index, projection] of (source.sources ?? []).entries()) {
    const at = `${path}.sources[${index}]`;
    const { secret, configMap, downwardAPI, serviceAccountToken: token } = projection;
    for (const [kind, files] of Object.entries({ secret, configMap })) {
      if (files === undefined) continue;
      errors.push(...fileErrors(files, files.name, `${at}.${kind}.name`, `${at}.${kind}`));
    }
    if (downwardAPI) errors.push(...downwardErrors(downwardAPI.items ?? [], `${at}.downwardAPI`));
    if (token) errors.push(...tokenErrors(token, `${at}.serviceAccountToken`));
  }
  return errors;
}

function tokenErrors(token: { expirationSeconds?: number; path: string }, path: string) {
  const { expirationSeconds: seconds = 3600, path: file } = token;
  const at = `${path}.expirationSeconds`;
  const errors: FieldError[] = [];
  if (seconds < 600)
    errors.push(invalidValue(at, seconds, "may not specify a duration less than 10 minutes"));
  else if (seconds > 2 ** 32) {
    errors.push(invalidValue(at, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  if (!file) errors.push(required(`${path}.path`));
  return errors;
}

/**
 * Files that the kubelet makes from what the cluster knows: of the downward API, and projected, from several
 * sources into one directory, where no path may be taken twice.
 *
 * In Kubernetes: validateDownwardAPIVolumeFile and validateProjectionSources in
 * pkg/apis/core/validation/validation.go
 */
import type {
  DownwardAPIVolumeFile,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from "kubernetes-types/core/v1.js";
import { resourceFieldErrors, volumeFieldRefErrors } from "./env-validation.ts";
import { type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import { fileModeErrors, fileNameErrors, keyToPathErrors } from "./path-validation.ts";

const LEAST_SECONDS = 10 * 60;
const MOST_SECONDS = 2 ** 32;

export function downwardErrors(items: DownwardAPIVolumeFile[], path: string): FieldError[] {
  return items.flatMap((item) => downwardFileErrors(item, path));
}

// Kubernetes leaves the index out of the paths of downward API files.
function downwardFileErrors(item: DownwardAPIVolumeFile, path: string): FieldError[] {
  const { path: file, fieldRef, resourceFieldRef, mode } = item;
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
}

export function projectedErrors(
  { defaultMode, sources = [] }: NonNullable<Volume["projected"]>,
  path: string,
): FieldError[] {
  const taken = new Set<string>();
  return [
    ...fileModeErrors(defaultMode, `${path}.defaultMode`),
    ...sources.flatMap((source, index) => {
      const at = `${path}.sources[${index}]`;
      const { secret, configMap, downwardAPI, serviceAccountToken } = source;
      const given = [secret, configMap, downwardAPI, serviceAccountToken].filter(Boolean);
      const errors = sourceErrors(source, at, path, taken);
      if (given.length <= 1) return errors;
      return [...errors, forbidden(at, "may not specify more than 1 volume type")];
    }),
  ];
}

function sourceErrors(
  source: VolumeProjection,
  at: string,
  path: string,
  taken: Set<string>,
): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  const errors: FieldError[] = [];
  /** What is shown of two that want the same path is the map, or of the downward API the path. */
  const take = (file: string | undefined, shown: string | undefined) => {
    if (!file) return;
    if (taken.has(file)) errors.push(invalidValue(path, shown, "conflicting duplicate paths"));
    taken.add(file);
  };
  for (const [kind, files] of Object.entries({ secret, configMap })) {
    if (files === undefined) continue;
    if (!files.name) errors.push(required(`${at}.${kind}.name`));
    for (const [index, item] of (files.items ?? []).entries()) {
      errors.push(...keyToPathErrors([item], `${at}.${kind}.items`, index));
      take(item.path, files.name ?? "");
    }
  }
  for (const file of downwardAPI?.items ?? []) {
    errors.push(...downwardFileErrors(file, `${at}.downwardAPI`));
    take(file.path, file.path);
  }
  if (token) errors.push(...tokenErrors(token, `${at}.serviceAccountToken`, path));
  return errors;
}

// Kubernetes tells of a token's path where the volume's would be.
function tokenErrors(
  { expirationSeconds: seconds = 0, path: file }: ServiceAccountTokenProjection,
  path: string,
  volumePath: string,
): FieldError[] {
  const at = `${path}.expirationSeconds`;
  const errors: FieldError[] = [];
  if (seconds < LEAST_SECONDS) {
    errors.push(invalidValue(at, seconds, "may not specify a duration less than 10 minutes"));
  }
  if (seconds > MOST_SECONDS) {
    errors.push(invalidValue(at, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  const wrong = file
    ? fileNameErrors(file, `${volumePath}.path`)
    : [required(`${volumePath}.path`)];
  return [...errors, ...wrong];
}

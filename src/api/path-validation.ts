/**
 * Paths inside a volume: relative, and never upwards out of it.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (validateLocalDescendingPath)
 */
import { type FieldError, invalidValue, required } from "./field-error.ts";

export function backstepErrors(value: string, path: string): FieldError[] {
  const climbs = value.split("/").includes("..");
  return climbs ? [invalidValue(path, value, "must not contain '..'")] : [];
}

export function descendingPathErrors(value: string, path: string): FieldError[] {
  const isAbsolute = value.startsWith("/");
  const errors = isAbsolute ? [invalidValue(path, value, "must be a relative path")] : [];
  return [...errors, ...backstepErrors(value, path)];
}

/** The same for files the kubelet makes: names that begin with ".." are its own. */
export function fileNameErrors(value: string, path: string): FieldError[] {
  const errors = descendingPathErrors(value, path);
  if (!value.startsWith("..") || value.startsWith("../")) return errors;
  return [...errors, invalidValue(path, value, "must not start with '..'")];
}

export interface KeyToPath {
  key: string;
  path: string;
  mode?: number;
}

/** Which key of a map becomes which file. `first` is the index of the first. */
export function keyToPathErrors(items: KeyToPath[] = [], path: string, first = 0): FieldError[] {
  return items.flatMap(({ key, path: file, mode }, index) => {
    const at = `${path}[${first + index}]`;
    const errors: FieldError[] = [];
    if (!key) errors.push(required(`${at}.key`));
    if (!file) errors.push(required(`${at}.path`));
    errors.push(...fileNameErrors(file ?? "", `${at}.path`));
    return [...errors, ...fileModeErrors(mode, `${at}.mode`)];
  });
}

export function fileModeErrors(mode: number | undefined, path: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

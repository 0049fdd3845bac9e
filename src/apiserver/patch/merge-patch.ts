/**
 * JSON merge patch (RFC 7386): what the patch names takes the place of what was there, objects are
 * merged key by key, null takes a key away. Lists are replaced whole.
 *
 * Pure: neither argument is changed, though the result may share parts with both.
 *
 * In Kubernetes: gopkg.in/evanphx/json-patch (MergePatch).
 */
import { isObject, setKey } from "../decode/typed-value.ts";

export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = {};
  const base = isObject(target) ? target : {};
  for (const key of Object.keys(base)) {
    if (!Object.hasOwn(patch, key)) setKey(result, key, base[key]);
    else if (patch[key] !== null) setKey(result, key, mergePatch(base[key], patch[key]));
  }
  for (const key of Object.keys(patch)) {
    if (Object.hasOwn(base, key) || patch[key] === null) continue;
    setKey(result, key, mergePatch(undefined, patch[key]));
  }
  return result;
}

/**
 * iSCSI disks: a portal, a qualified name of the target, a number of the disk on it, and who may log in.
 *
 * In Kubernetes: validateISCSIVolumeSource and validateISCSIPersistentVolumeSource in
 * pkg/apis/core/validation/validation.go
 */
import { type FieldError, invalidValue, required } from "./field-error.ts";
import { inclusiveRange } from "./names.ts";

const FORMS: Record<string, RegExp> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};
const MOST_CHARACTERS = 64;
const TOO_LONG =
  "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

interface Disk {
  targetPortal?: string;
  iqn?: string;
  lun?: number;
  initiatorName?: string;
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: { name?: string };
}

interface Place {
  path: string;
  name: string;
  isPersistent: boolean;
}

export function iscsiErrors(disk: Disk, { path, name, isPersistent }: Place): FieldError[] {
  const { targetPortal = "", iqn = "", lun = 0, initiatorName, secretRef } = disk;
  const errors = targetPortal === "" ? [required(`${path}.targetPortal`)] : [];
  const isTooLong =
    initiatorName !== undefined && `${name}:${targetPortal}`.length > MOST_CHARACTERS;
  if (isTooLong && isPersistent) {
    errors.push(invalidValue(`${path}.targetportal`, targetPortal, TOO_LONG));
  }
  if (iqn === "") errors.push(required(`${path}.iqn`));
  else errors.push(...qualifiedErrors(iqn, `${path}.iqn`, isPersistent));
  if (lun < 0 || lun > 255) errors.push(invalidValue(`${path}.lun`, lun, inclusiveRange(0, 255)));
  if ((disk.chapAuthDiscovery || disk.chapAuthSession) && secretRef === undefined) {
    errors.push(required(`${path}.secretRef`));
  }
  if (isPersistent && secretRef && !secretRef.name) errors.push(required(`${path}.secretRef.name`));
  if (initiatorName !== undefined) {
    errors.push(...qualifiedErrors(initiatorName, `${path}.initiatorname`, isPersistent));
  }
  if (isTooLong && !isPersistent) {
    errors.push(invalidValue(path.replace(/\.iscsi$/, ".name"), name, TOO_LONG));
  }
  return errors;
}

function qualifiedErrors(value: string, path: string, isPersistent: boolean): FieldError[] {
  const form = FORMS[value.slice(0, 3)];
  if (form?.test(value)) return [];
  const how = form === undefined && !isPersistent ? " starting with iqn, eui, or naa" : "";
  return [invalidValue(path, value, `must be valid format${how}`)];
}

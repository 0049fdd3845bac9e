/**
 * Requests and limits: known resources, amounts that are not negative, and no request above its
 * limit. Extended resources cannot be overcommitted, so of those both must be the same.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateResourceRequirements, ValidateResourceQuantityValue)
 */
import type { ResourceRequirements } from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import { goQuantity } from "./go-quantity.ts";
import { qualifiedNameErrors } from "./names.ts";
import {
  compareQuantities,
  formatQuantity,
  quantityError,
  quantityOf,
  wholeValue,
} from "./quantity.ts";
import type { ResourceList } from "./resources.ts";

const CONTAINER_RESOURCES = ["cpu", "memory", "ephemeral-storage"];

/** What a quota counts by the piece. */
export const OBJECT_COUNTS = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];

/** Resources that have a meaning somewhere, though not in a container. */
const OTHER_RESOURCES = [
  "storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "requests.storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  ...OBJECT_COUNTS,
];

const NANOS = 1_000_000_000n;
const HUGE_PAGES = "hugepages-";
const NOT_ALONE = "HugePages require cpu or memory";

export function validateResources(
  { limits = {}, requests = {} }: ResourceRequirements,
  path: string,
): FieldError[] {
  const errors = Object.entries(limits).flatMap(([name, limit]) => [
    ...amountErrors(name, limit, `${path}.limits[${name}]`),
    ...hugePageErrors(name, limit, `${path}.limits[${name}]`),
  ]);
  for (const [name, request] of Object.entries(requests)) {
    const at = `${path}.requests[${name}]`;
    errors.push(...amountErrors(name, request, at));
    if (quantityError(String(request)) !== undefined) continue;
    errors.push(...limitErrors(name, request, limits[name], path));
    errors.push(...hugePageErrors(name, request, at));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const isHugeAlone = names.some(isHugePages) && !names.some((one) => /^(cpu|memory)$/.test(one));
  return isHugeAlone ? [...errors, forbidden(path, NOT_ALONE)] : errors;
}

/** The overhead of a pod is judged as the limits of a container are. */
export function validateOverhead(overhead: ResourceList, path: string): FieldError[] {
  return validateResources({ limits: overhead }, path);
}

function amountErrors(name: string, amount: string, path: string): FieldError[] {
  return [...containerResourceErrors(name, path), ...amountOfErrors(name, amount, path)];
}

/** Of a page there is no half. */
function hugePageErrors(name: string, amount: string, path: string): FieldError[] {
  if (!isHugePages(name) || quantityError(String(amount)) !== undefined) return [];
  const quantity = quantityOf(amount);
  const size = name.slice(HUGE_PAGES.length);
  const page = quantityError(size) === undefined ? quantityOf(size).nano : 0n;
  if (page > 0n && quantity.nano % page === 0n) return [];
  const text = formatQuantity(quantity);
  return [invalidValue(path, text, `${text} is not positive integer multiple of ${name}`)];
}

function limitErrors(
  name: string,
  request: string,
  limit: string | undefined,
  path: string,
): FieldError[] {
  const isFixed = !canBeOvercommitted(name);
  if (limit === undefined) {
    const why = "Limit must be set for non overcommitable resources";
    return isFixed ? [required(`${path}.limits`, why)] : [];
  }
  if (quantityError(String(limit)) !== undefined) return [];
  const order = compareQuantities(quantityOf(request), quantityOf(limit));
  const of = `${name} limit of ${formatQuantity(quantityOf(limit))}`;
  const at = `${path}.requests`;
  const value = formatQuantity(quantityOf(request));
  if (isFixed && order !== 0) return [invalidValue(at, value, `must be equal to ${of}`)];
  return order > 0 ? [invalidValue(at, value, `must be less than or equal to ${of}`)] : [];
}

/** What a quota or a limit may name: anything that has a meaning somewhere. */
export function resourceTypeErrors(name: string, path: string): FieldError[] {
  const wrong = qualifiedNameErrors(name).map((error) => invalidValue(path, name, error));
  if (wrong.length > 0 || name.includes("/")) return wrong;
  const isKnown = CONTAINER_RESOURCES.includes(name) || OTHER_RESOURCES.includes(name);
  if (isKnown || isHugePages(name.replace(/^requests\./, ""))) return [];
  return [invalidValue(path, name, "must be a standard resource type or fully qualified")];
}

export function containerResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceTypeErrors(name, path);
  if (name.includes("/")) {
    if (isNative(name) || isExtended(name)) return errors;
    return [...errors, invalidValue(path, name, "doesn't follow extended resource name standard")];
  }
  if (CONTAINER_RESOURCES.includes(name) || isHugePages(name)) return errors;
  return [...errors, invalidValue(path, name, "must be a standard resource for containers")];
}

/** An amount of a resource: not negative, and of what is counted by the piece, a whole number. */
export function amountOfErrors(name: string, amount: string, path: string): FieldError[] {
  const wrong = quantityError(String(amount));
  if (wrong !== undefined) return [invalidValue(path, String(amount), wrong)];
  const quantity = quantityOf(amount);
  const errors: FieldError[] = [];
  if (quantity.nano < 0n) {
    const why = "must be greater than or equal to 0";
    errors.push(invalidValue(path, formatQuantity(quantity), why));
  }
  const isCounted = OBJECT_COUNTS.includes(name) || isExtended(name);
  if (isCounted && quantity.nano % NANOS !== 0n) {
    errors.push(invalidValue(path, goQuantity(amount), "must be an integer"));
  }
  return errors;
}

/** What a volume holds or a claim has: not less than nothing, in whole bytes. */
export function capacityErrors(amount: string, path: string): FieldError[] {
  const wrong = quantityError(String(amount));
  if (wrong !== undefined) return [invalidValue(path, String(amount), wrong)];
  const bytes = wholeValue(quantityOf(amount));
  return bytes < 0 ? [invalidValue(path, bytes, "must be a valid resource quantity")] : [];
}

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES);
}

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

export function isExtended(name: string): boolean {
  const hasForm = qualifiedNameErrors(`requests.${name}`).length === 0;
  return !isNative(name) && !name.startsWith("requests.") && hasForm;
}

export function canBeOvercommitted(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

/**
 * Requests and limits: known resources, amounts that are not negative, and no request above its
 * limit. Extended resources cannot be overcommitted, so of those both must be the same.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateContainerResourceRequirements)
 */
import type { ResourceRequirements } from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import { qualifiedNameErrors } from "./names.ts";
import { compareQuantities, formatQuantity, quantityError, quantityOf } from "./quantity.ts";
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

const NOT_ALONE = "HugePages require cpu or memory";

export function validateResources(
  { limits = {}, requests = {} }: ResourceRequirements,
  path: string,
): FieldError[] {
  const errors = amountErrors(limits, `${path}.limits`);
  for (const [name, amount] of Object.entries(requests)) {
    const at = `${path}.requests`;
    errors.push(...amountErrors({ [name]: amount }, at));
    if (quantityError(String(amount)) !== undefined) continue;
    errors.push(...limitErrors(name, amount, limits[name], path));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const isHugeAlone = names.some(isHugePages) && !names.some((one) => /^(cpu|memory)$/.test(one));
  return isHugeAlone ? [...errors, forbidden(path, NOT_ALONE)] : errors;
}

/** The overhead of a pod is judged as the limits of a container are. */
export function validateOverhead(overhead: ResourceList, path: string): FieldError[] {
  return amountErrors(overhead, `${path}.limits`);
}

function amountErrors(amounts: ResourceList, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...containerResourceErrors(name, `${path}[${name}]`),
    ...quantityErrors(name, String(amount), `${path}[${name}]`),
  ]);
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
  const wrong = qualifiedNameErrors(name);
  const errors = wrong.map((error) => invalidValue(path, name, error));
  if (name.includes("/")) {
    if (isNative(name) || isExtended(name)) return errors;
    return [...errors, invalidValue(path, name, "doesn't follow extended resource name standard")];
  }
  if (CONTAINER_RESOURCES.includes(name) || isHugePages(name)) return errors;
  if (!OTHER_RESOURCES.includes(name)) {
    const why = "must be a standard resource type or fully qualified";
    errors.push(invalidValue(path, name, why));
  }
  return [...errors, invalidValue(path, name, "must be a standard resource for containers")];
}

function quantityErrors(name: string, amount: string, path: string): FieldError[] {
  const wrong = quantityError(amount);
  if (wrong !== undefined) return [invalidValue(path, amount, wrong)];
  const quantity = quantityOf(amount);
  const text = formatQuantity(quantity);
  if (quantity.nano < 0n) {
    return [invalidValue(path, text, "must be greater than or equal to 0")];
  }
  const isWhole = quantity.nano % 1_000_000_000n === 0n;
  if (isExtended(name) && !isWhole) return [invalidValue(path, text, "must be an integer")];
  return [];
}

export function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
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

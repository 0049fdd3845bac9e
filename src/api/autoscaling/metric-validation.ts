/**
 * The metrics of an autoscaler: each from one source, and with a target that this source can have.
 *
 * In Kubernetes: validateMetrics and what it calls in pkg/apis/autoscaling/validation/validation.go
 */
import type {
  CrossVersionObjectReference,
  MetricSpec,
  MetricTarget,
} from "kubernetes-types/autoscaling/v2.js";
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { goQuantity } from "../go-quantity.ts";
import { dns1123LabelErrors, pathSegmentErrors } from "../names.ts";
import { quantityOf } from "../quantity.ts";
import { containerResourceErrors } from "../resources-validation.ts";

/** The field of each type, in the order in which Kubernetes looks at them. */
const SOURCES = {
  Object: "object",
  External: "external",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
} as const;
type Field = (typeof SOURCES)[keyof typeof SOURCES];

const TYPES = Object.keys(SOURCES).toSorted();
const EITHER = "must set either a target raw value or a target utilization";
const NOT_BOTH = "may not set both a target raw value and a target utilization";

export function validateMetrics(metrics: MetricSpec[], least: number, path: string): FieldError[] {
  const errors = metrics.flatMap((one, index) => metricErrors(one, `${path}[${index}]`));
  const areCounted = metrics.some(({ type }) => type === "Object" || type === "External");
  if (least !== 0 || areCounted) return errors;
  const why =
    "must specify at least one Object or External metric to support scaling to zero replicas";
  return [...errors, forbidden(path, why)];
}

/** What an autoscaler refers to, by its kind and name. */
export function referenceErrors(
  reference: Partial<CrossVersionObjectReference> | undefined,
  path: string,
): FieldError[] {
  return (["kind", "name"] as const).flatMap((field) => {
    const value = reference?.[field];
    if (!value) return [required(`${path}.${field}`)];
    return pathSegmentErrors(value).map((e) => invalidValue(`${path}.${field}`, value, e));
  });
}

function metricErrors(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric;
  const errors = type ? [] : [required(`${path}.type`, "must specify a metric source type")];
  const wrongType = notSupported(`${path}.type`, type ?? "", TYPES);
  const isKnown = TYPES.includes(type);
  if (!isKnown) errors.push(wrongType);
  const fields: Field[] = Object.values(SOURCES).filter((field) => metric[field] !== undefined);
  const [first, ...others] = fields;
  if (first !== undefined) errors.push(...sourceErrors(metric, first, `${path}.${first}`));
  const expected = isKnown ? SOURCES[type as keyof typeof SOURCES] : undefined;
  if (expected === undefined) errors.push(wrongType);
  else if (metric[expected] === undefined) {
    const why = "must populate information for the given metric source";
    errors.push(required(`${path}.${expected}`, why));
  }
  const surplus = others.length === 0 ? [] : fields.filter((field) => field !== expected);
  const only = "must populate the given metric source only";
  return [...errors, ...surplus.map((field) => forbidden(`${path}.${field}`, only))];
}

function sourceErrors(metric: MetricSpec, field: Field, path: string): FieldError[] {
  switch (field) {
    case "object": {
      const { describedObject, metric: named, target } = metric.object!;
      return [
        ...referenceErrors(describedObject, `${path}.describedObject`),
        ...metricNameErrors(named?.name, `${path}.metric.name`),
        ...targetErrors(target, `${path}.target`),
        ...missing(target, "must set either a target value or averageValue", path),
      ];
    }
    case "external": {
      const { metric: named, target } = metric.external!;
      const both = "may not set both a target value for metric and a per-pod target";
      const areBoth = target?.value !== undefined && target.averageValue !== undefined;
      return [
        ...metricNameErrors(named?.name, `${path}.metric.name`),
        ...targetErrors(target, `${path}.target`),
        ...missing(target, "must set either a target value for metric or a per-pod target", path),
        ...(areBoth ? [forbidden(`${path}.target.value`, both)] : []),
      ];
    }
    case "pods": {
      const { metric: named, target } = metric.pods!;
      const why = "must specify a positive target averageValue";
      return [
        ...metricNameErrors(named?.name, `${path}.metric.name`),
        ...targetErrors(target, `${path}.target`),
        ...(target?.averageValue === undefined
          ? [required(`${path}.target.averageValue`, why)]
          : []),
      ];
    }
    case "resource": {
      const { name, target } = metric.resource!;
      return [
        ...(name ? [] : [required(`${path}.name`, "must specify a resource name")]),
        ...resourceTargetErrors(target, path),
      ];
    }
    case "containerResource": {
      const { name, container, target } = metric.containerResource!;
      const at = `${path}.container`;
      return [
        ...(name
          ? containerResourceErrors(name, `${path}.name`)
          : [required(`${path}.name`, "must specify a resource name")]),
        ...(container
          ? dns1123LabelErrors(container).map((error) => invalidValue(at, container, error))
          : [required(at, "must specify a container")]),
        ...resourceTargetErrors(target, path),
      ];
    }
  }
}

function metricNameErrors(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path, "must specify a metric name")];
  return pathSegmentErrors(name).map((error) => invalidValue(path, name, error));
}

function missing(target: MetricTarget | undefined, why: string, path: string): FieldError[] {
  const isSet = target?.value !== undefined || target?.averageValue !== undefined;
  return isSet ? [] : [required(`${path}.target.averageValue`, why)];
}

function resourceTargetErrors(target: MetricTarget | undefined, path: string): FieldError[] {
  const at = `${path}.target`;
  const { averageUtilization, averageValue } = target ?? ({} as Partial<MetricTarget>);
  const errors = targetErrors(target, at);
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(required(`${at}.averageUtilization`, EITHER));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbidden(`${at}.averageValue`, NOT_BOTH));
  }
  return errors;
}

function targetErrors(target: Partial<MetricTarget> = {}, path: string): FieldError[] {
  const { type = "", value, averageValue, averageUtilization } = target;
  const errors = type === "" ? [required(`${path}.type`, "must specify a metric target type")] : [];
  if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    const wrong = "must be either Utilization, Value, or AverageValue";
    errors.push(invalidValue(`${path}.type`, type, wrong));
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount === undefined || quantityOf(amount).nano > 0n) continue;
    errors.push(invalidValue(`${path}.${name}`, goQuantity(amount), "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    const wrong = "must be greater than 0";
    errors.push(invalidValue(`${path}.averageUtilization`, averageUtilization, wrong));
  }
  return errors;
}

/**
 * Where a pod leaves the limits of a namespace, as sentences. Pure.
 *
 * A minimum asks for a request, a maximum for a limit: who states none is told so. Of a pod, the sums of its
 * containers are judged.
 *
 * In Kubernetes: PodValidateLimitFunc in plugin/pkg/admission/limitranger/admission.go
 */
import type { LimitRangeItem, PodSpec } from "kubernetes-types/core/v1.js";
import {
  compareQuantities,
  formatQuantity,
  milliValue,
  type Quantity,
  quantityOf,
} from "../../api/quantity.ts";
import { type Amounts, podLimits, podRequests, readResources } from "../../api/resources.ts";

interface Asked {
  requests: Amounts;
  limits: Amounts;
}

export function violationsOf(spec: PodSpec, items: LimitRangeItem[]): string[] {
  return items.flatMap((item) => {
    if (item.type === "Container") {
      const containers = [...spec.containers, ...(spec.initContainers ?? [])];
      return containers.flatMap(({ resources = {} }) => {
        const { requests, limits } = resources;
        return violations(item, {
          requests: readResources(requests),
          limits: readResources(limits),
        });
      });
    }
    if (item.type !== "Pod") return [];
    return violations(item, { requests: podRequests(spec), limits: podLimits(spec) });
  });
}

function violations(item: LimitRangeItem, asked: Asked): string[] {
  const { type, min, max, maxLimitRequestRatio } = item;
  const each = (
    list: Record<string, string> | undefined,
    judge: (name: string, type: string, bound: Quantity, asked: Asked) => string | undefined,
  ) =>
    Object.entries(list ?? {}).flatMap(
      ([name, bound]) => judge(name, type, quantityOf(bound), asked) ?? [],
    );
  return [...each(min, tooLittle), ...each(max, tooMuch), ...each(maxLimitRequestRatio, tooFar)];
}

function tooLittle(name: string, type: string, bound: Quantity, { requests, limits }: Asked) {
  const [request, limit] = [requests[name], limits[name]];
  const rule = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) {
    return `${rule}, but request is ${formatQuantity(request)}`;
  }
  if (limit !== undefined && compareQuantities(limit, bound) < 0) {
    return `${rule}, but limit is ${formatQuantity(limit)}`;
  }
  return undefined;
}

function tooMuch(name: string, type: string, bound: Quantity, { requests, limits }: Asked) {
  const [request, limit] = [requests[name], limits[name]];
  const rule = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) {
    return `${rule}, but limit is ${formatQuantity(limit)}`;
  }
  if (request !== undefined && compareQuantities(request, bound) > 0) {
    return `${rule}, but request is ${formatQuantity(request)}`;
  }
  return undefined;
}

function tooFar(name: string, type: string, bound: Quantity, { requests, limits }: Asked) {
  const [request, limit] = [requests[name], limits[name]];
  const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined || request.nano === 0n) {
    return `${rule}, but no request is specified or request is 0`;
  }
  if (limit === undefined || limit.nano === 0n) {
    return `${rule}, but no limit is specified or limit is 0`;
  }
  const ratio = milliValue(limit) / milliValue(request);
  if (ratio * 1000 > milliValue(bound)) return `${rule}, but provided ratio is ${ratio.toFixed(6)}`;
  return undefined;
}

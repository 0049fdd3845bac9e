/**
 * A node: its addresses and taints must be well formed, and its place in the pod network, once
 * given, is given for good.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateNode, ValidateNodeUpdate)
 */
import { isDeepStrictEqual } from "node:util";
import type { NodeSpec, Taint } from "kubernetes-types/core/v1.js";
import {
  duplicate,
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { labelValueErrors, qualifiedNameErrors } from "./names.ts";
import { cidrErrors } from "./networking/address-block.ts";
import type { Node } from "./node.ts";
import { amountOfErrors } from "./resources-validation.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

// Kubernetes itself says "metadata.taints" for what is spec.taints.
export function validateNode({ spec, status }: Node): FieldError[] {
  return [
    ...taintErrors(spec.taints ?? [], "metadata.taints"),
    ...amountErrors(status?.capacity ?? {}, "status.capacity"),
    ...amountErrors(status?.allocatable ?? {}, "status.allocatable"),
    ...podCidrErrors(spec),
  ];
}

export function validateNodeStatus(node: Node): FieldError[] {
  return [
    ...amountErrors(node.status?.capacity ?? {}, "status.capacity"),
    ...amountErrors(node.status?.allocatable ?? {}, "status.allocatable"),
    ...addressErrors(node),
  ];
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  const { podCIDRs: cidrs = [], providerID = "" } = old.spec;
  if (cidrs.length > 0 && !isDeepStrictEqual(node.spec.podCIDRs ?? [], cidrs)) {
    errors.push(
      forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'),
    );
  }
  if (providerID !== "" && node.spec.providerID !== providerID) {
    errors.push(
      forbidden(
        "spec.providerID",
        'node updates may not change providerID except from "" to valid',
      ),
    );
  }
  return errors;
}

export function taintErrors(taints: Taint[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const { key, value = "", effect } = taint;
    const at = `${path}[${index}]`;
    errors.push(...qualifiedNameErrors(key).map((e) => invalidValue(`${at}.key`, key, e)));
    const wrong = labelValueErrors(value);
    if (wrong.length > 0) errors.push(invalidValue(`${at}.value`, value, wrong.join(";")));
    errors.push(...effectErrors(effect, `${at}.effect`));
    if (seen.has(`${effect}:${key}`)) {
      errors.push(duplicate(at, goTaint(taint), "taints must be unique by key and effect pair"));
    }
    seen.add(`${effect}:${key}`);
  }
  return errors;
}

export function effectErrors(effect: string | undefined, path: string): FieldError[] {
  if (!effect) return [required(path)];
  return EFFECTS.includes(effect) ? [] : [notSupported(path, effect, EFFECTS)];
}

function goTaint({ key, value = "", effect, timeAdded }: Taint): GoStruct {
  return new GoStruct("core.Taint", {
    Key: key,
    Value: value,
    Effect: effect,
    TimeAdded: timeAdded,
  });
}

function addressErrors({ status }: Node): FieldError[] {
  const seen = new Set<string>();
  return (status?.addresses ?? []).flatMap(({ type, address }, index) => {
    const struct = new GoStruct("core.NodeAddress", { Type: type, Address: address });
    if (seen.has(struct.text)) return [duplicate(`status.addresses[${index}]`, struct)];
    seen.add(struct.text);
    return [];
  });
}

function amountErrors(amounts: Record<string, string>, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) =>
    amountOfErrors(name, amount, `${path}.${name}`),
  );
}

/** One block of each family at most. */
function podCidrErrors({ podCIDRs: blocks = [] }: NodeSpec): FieldError[] {
  const path = "spec.podCIDRs";
  const errors = blocks.flatMap((block, index) => cidrErrors(block, `${path}[${index}]`));
  const families = new Set(blocks.map((block) => block.includes(":")));
  if (blocks.length > families.size) {
    const why = "may specify no more than one CIDR for each IP family";
    errors.push(invalidValue(path, blocks, why));
  }
  const repeats = blocks.flatMap((block, index) =>
    blocks.indexOf(block) === index ? [] : [duplicate(`${path}[${index}]`, block)],
  );
  return [...errors, ...repeats];
}

/**
 * What is wrong with a PriorityLevelConfiguration: its type, its shares, its queues. Those two that every cluster
 * has may not be changed, but for the share of "exempt".
 *
 * In Kubernetes: pkg/apis/flowcontrol/validation/validation.go
 */
import { isDeepStrictEqual } from "node:util";
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  QueuingConfiguration,
} from "kubernetes-types/flowcontrol/v1.js";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { MANDATORY_LEVELS } from "./default-levels.ts";
import type { PriorityLevelConfiguration } from "./priority-level-configuration.ts";

const EXEMPT = "exempt";
const MOST_QUEUES = 10_000_000;
/** As many bits of a hash are there to deal hands of queues with. */
const HASH_BITS = 60;

export function validatePriorityLevel(level: PriorityLevelConfiguration): FieldError[] {
  const { metadata, spec } = level;
  const errors: FieldError[] = [];
  if ((metadata.name === EXEMPT) !== (spec.type === "Exempt")) {
    const why = "type must be 'Exempt' if and only if name is 'exempt'";
    errors.push(invalidValue("spec.type", spec.type ?? "", why));
  }
  errors.push(...typeErrors(level));
  const fixed = MANDATORY_LEVELS.find((one) => one.metadata.name === metadata.name);
  if (fixed && metadata.name !== EXEMPT && !isDeepStrictEqual(spec, fixed.spec)) {
    const shown = new GoStruct("flowcontrol.PriorityLevelConfigurationSpec", {});
    errors.push(
      invalidValue("spec", shown, `spec of '${metadata.name}' must equal the fixed value`),
    );
  }
  return errors;
}

function typeErrors({ spec }: PriorityLevelConfiguration): FieldError[] {
  const { type, limited, exempt } = spec;
  if (type === "Exempt") {
    const errors = exempt ? shareErrors(exempt, "spec.exempt") : [];
    if (limited) {
      errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    }
    return errors;
  }
  if (type !== "Limited") return [notSupported("spec.type", type ?? "", ["Exempt", "Limited"])];
  const errors = exempt ? [forbidden("spec.exempt", "must be nil if the type is Limited")] : [];
  if (limited) return [...errors, ...limitedErrors(limited, "spec.limited")];
  return [...errors, required("spec.limited", "must not be empty when type is Limited")];
}

interface Shares {
  nominalConcurrencyShares?: number;
  lendablePercent?: number;
}

function shareErrors(shares: Shares, path: string): FieldError[] {
  const { nominalConcurrencyShares = 0, lendablePercent = 0 } = shares;
  const errors: FieldError[] = [];
  if (nominalConcurrencyShares < 0) {
    const field = `${path}.nominalConcurrencyShares`;
    errors.push(invalidValue(field, nominalConcurrencyShares, "must be a non-negative integer"));
  }
  if (lendablePercent < 0 || lendablePercent > 100) {
    const field = `${path}.lendablePercent`;
    errors.push(invalidValue(field, lendablePercent, "must be between 0 and 100, inclusive"));
  }
  return errors;
}

function limitedErrors(limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const errors = shareErrors(limited, path);
  const { borrowingLimitPercent = 0, limitResponse } = limited;
  if (borrowingLimitPercent < 0) {
    const why = "if specified, must be a non-negative integer";
    errors.push(invalidValue(`${path}.borrowingLimitPercent`, borrowingLimitPercent, why));
  }
  return [...errors, ...responseErrors(limitResponse, `${path}.limitResponse`)];
}

function responseErrors(response: LimitResponse | undefined, path: string): FieldError[] {
  const { type = "", queuing } = response ?? {};
  const field = `${path}.queuing`;
  if (type === "Reject") {
    const why = "must be nil if limited.limitResponse.type is not Limited";
    return queuing ? [forbidden(field, why)] : [];
  }
  if (type !== "Queue") return [notSupported(`${path}.type`, type, ["Queue", "Reject"])];
  if (queuing) return queuingErrors(queuing, field);
  return [required(field, "must not be empty if limited.limitResponse.type is Limited")];
}

function queuingErrors(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors: FieldError[] = [];
  const wrong = (field: string, value: number, why: string) =>
    errors.push(invalidValue(`${path}.${field}`, value, why));
  if (queueLengthLimit <= 0) wrong("queueLengthLimit", queueLengthLimit, "must be positive");
  if (queues <= 0) wrong("queues", queues, "must be positive");
  else if (queues > MOST_QUEUES) {
    wrong("queues", queues, `must not be greater than ${MOST_QUEUES}`);
  }
  if (handSize <= 0) wrong("handSize", handSize, "must be positive");
  else if (handSize > queues) {
    wrong("handSize", handSize, `should not be greater than queues (${queues})`);
  } else if (entropyBits(queues, handSize) > HASH_BITS) {
    wrong(
      "handSize",
      handSize,
      `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`,
    );
  }
  return errors;
}

/** How many bits it takes to deal a hand. */
function entropyBits(deckSize: number, handSize: number): number {
  const bits = Array.from({ length: handSize }, (_, i) => Math.log2(deckSize - i));
  return Math.ceil(bits.reduce((sum, one) => sum + one, 0));
}

/** Jobs and cron jobs, with all that limits them. */
import type { Random } from "../../src/component/random.ts";
import { pick, roll } from "./dice.ts";
import { workOf } from "./template-wishes.ts";

/** Minutes between the times of each schedule; they are the same in a zone half an hour off. */
export const SCHEDULES: Readonly<Record<string, number>> = {
  "*/10 * * * *": 10,
  "*/15 * * * *": 15,
};
export const DEADLINE_SECONDS = 200;

export function jobOf(app: string, dice: Random) {
  return { template: workOf({ app }, dice), ...limitsOf(dice), ...failuresOf(dice) };
}

export function cronJobOf(app: string, dice: Random) {
  const completions = roll(dice, 1, 2);
  const template = workOf({ app }, dice);
  return {
    schedule: pick(dice, Object.keys(SCHEDULES)),
    concurrencyPolicy: pick(dice, ["Allow", "Forbid", "Replace"]),
    successfulJobsHistoryLimit: roll(dice, 0, 2),
    failedJobsHistoryLimit: roll(dice, 0, 1),
    jobTemplate: { spec: { completions, backoffLimit: roll(dice, 0, 1), template } },
    ...pick(dice, [{}, {}, { timeZone: "Asia/Kolkata" }, { suspend: true }]),
    ...pick(dice, [{}, {}, {}, { startingDeadlineSeconds: DEADLINE_SECONDS }]),
  };
}

function limitsOf(dice: Random) {
  const completions = roll(dice, 1, 4);
  const [parallelism, backoffLimit] = [roll(dice, 0, 3), pick(dice, [0, 1, 3])];
  const completionMode = pick(dice, ["NonIndexed", "Indexed"]);
  const limits = { completions, parallelism, backoffLimit, completionMode };
  const others = [{}, {}, {}, { suspend: true }, { activeDeadlineSeconds: 15 }];
  return { ...limits, ...pick(dice, [...others, { ttlSecondsAfterFinished: 10 }]) };
}

/** What it makes of failures; an index may have a limit of its own. */
function failuresOf(dice: Random) {
  const onExitCodes = { operator: "In", values: [1] };
  const onPodConditions = [{ type: "DisruptionTarget", status: "True" }];
  const policy = (...rules: object[]) => ({ podFailurePolicy: { rules } });
  const perIndex = { completionMode: "Indexed", backoffLimitPerIndex: 1, backoffLimit: 100 };
  return pick(dice, [
    {},
    {},
    {},
    policy({ action: "FailJob", onExitCodes }),
    policy({ action: "Ignore", onPodConditions }),
    policy({ action: "Count", onExitCodes }, { action: "Ignore", onPodConditions }),
    perIndex,
    { ...perIndex, maxFailedIndexes: 1 },
    { ...perIndex, ...policy({ action: "FailIndex", onExitCodes }) },
  ]);
}

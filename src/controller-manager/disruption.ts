/**
 * The disruption controller: keeps in each PodDisruptionBudget how many of its pods may be evicted.
 *
 * It never stops anybody itself; the API server's eviction reads what is written here, and takes it
 * down by one for each pod it evicts.
 *
 * In Kubernetes: pkg/controller/disruption/disruption.go
 */

import { isDeepStrictEqual } from "node:util";
import { isConflict } from "../api/errors.ts";
import { formatSelector, labelMatcher, selectorOf } from "../api/labels.ts";
import { Pod } from "../api/pod.ts";
import { failedConditions } from "../api/policy/disruption-condition.ts";
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../api/policy/pod-disruption-budget.ts";
import {
  type Again,
  type ComponentContext,
  type Controller,
  type RunningController,
  runController,
  type SyncContext,
} from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { toApiTime } from "../component/clock.ts";
import { budgetStatus, disruptedPods } from "./disruption/budget-status.ts";
import { expectationOf, scaledKinds } from "./disruption/expected-pods.ts";
import { joined } from "./joined.ts";
import { messageOf } from "./pod-control.ts";
import { staleDisruptionController } from "./stale-disruption.ts";

/** Both loops: the budgets, and the pods that were told they would go and did not. */
export async function startDisruptionController(
  context: ComponentContext,
): Promise<RunningController> {
  const stale = await runController(staleDisruptionController, context);
  const budgets = await runController(disruptionController, context);
  return joined(budgets, stale);
}

export const disruptionController: Controller<PodDisruptionBudget> = {
  name: "disruption-controller",
  watches: PodDisruptionBudget,
  // Of all that are scaled it needs the caches; a change there is followed by a change of pods, but
  // for one that is scaled while its pods stay.
  follows: [
    { kind: Pod, keysOf: (pod, old, context) => budgetsOf(context, pod as Pod, old as Pod) },
    ...scaledKinds.map((kind) => ({
      kind,
      keysOf: (obj: { metadata: { namespace?: string } }, _old: unknown, { cached }: SyncContext) =>
        cached(PodDisruptionBudget)
          .list(obj.metadata.namespace)
          .map(({ metadata }) => keyOf(metadata)),
    })),
  ],

  async sync(budget, _key, context) {
    if (budget === undefined) return;
    try {
      return await bringUpToDate(budget, context);
    } catch (error) {
      if (isConflict(error)) throw error;
      await closeBudget(budget, messageOf(error), context);
      throw error;
    }
  },
};

async function bringUpToDate(
  budget: PodDisruptionBudget,
  context: SyncContext,
): Promise<Again | undefined> {
  const { cached, client, clock, events } = context;
  const { namespace, name } = budget.metadata;
  const matches = labelMatcher(budget.spec.selector);
  const pods = cached(Pod)
    .list(namespace)
    .filter(({ metadata }) => matches(metadata.labels));
  if (pods.length === 0) events.event(budget, "Normal", "NoPods", "No matching pods found");

  const expectation = await expectationOf(budget, pods, context).catch((error: unknown) => {
    const what = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
    events.event(budget, "Warning", "CalculateExpectedPodCountFailed", what);
    throw error;
  });
  if (expectation.unmanaged.length > 0) {
    events.event(budget, "Warning", "UnmanagedPods", unmanagedWording(budget));
  }
  const disrupted = disruptedPods(budget, pods, clock.now());
  for (const pod of disrupted.overdue) {
    const what = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`;
    events.event(pod, "Warning", "NotDeleted", what);
  }
  const status = budgetStatus(budget, expectation, pods, disrupted, clock.now());
  if (!isDeepStrictEqual(budget.status, status)) {
    await client.updateStatus(PodDisruptionBudget, { ...budget, status });
  }
  return disrupted.againInMs === undefined ? undefined : { againInMs: disrupted.againInMs };
}

/** Where nothing can be said, nothing may go. */
async function closeBudget(
  budget: PodDisruptionBudget,
  message: string,
  { client, clock }: SyncContext,
): Promise<void> {
  const { status: old } = budget;
  const status: PodDisruptionBudgetStatus = {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...old,
    disruptionsAllowed: 0,
  };
  status.conditions = failedConditions(status, message, toApiTime(clock.now()));
  if (isDeepStrictEqual(old, status)) return;
  await client.updateStatus(PodDisruptionBudget, { ...budget, status });
}

/** The budgets of a pod as it is and as it was. */
function budgetsOf({ cached }: SyncContext, ...versions: (Pod | undefined)[]): string[] {
  const namespace = versions[0]?.metadata.namespace;
  return cached(PodDisruptionBudget)
    .list(namespace)
    .filter(({ spec }) => {
      const matches = labelMatcher(spec.selector);
      return versions.some((pod) => pod !== undefined && matches(pod.metadata.labels));
    })
    .map(({ metadata }) => keyOf(metadata));
}

function unmanagedWording({ spec }: PodDisruptionBudget): string {
  const selector = formatSelector(selectorOf(spec.selector ?? {}));
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a ` +
    "result, the status of the PDB cannot be calculated correctly, which may result in undefined " +
    'behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

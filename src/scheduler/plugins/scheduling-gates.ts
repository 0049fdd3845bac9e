/**
 * A pod with gates is not tried until all of them have been taken away.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/schedulinggates
 */
import type { Plugin } from "../framework.ts";

export const schedulingGates: Plugin = {
  name: "SchedulingGates",
  holdsBack: ({ spec }) => (spec.schedulingGates ?? []).length > 0,
};

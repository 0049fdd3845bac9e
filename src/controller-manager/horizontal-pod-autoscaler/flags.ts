/**
 * The flags of the autoscaler: --horizontal-pod-autoscaler-...
 *
 * In Kubernetes: cmd/kube-controller-manager/app/options/hpacontroller.go
 */
import { type Flags, flag } from "../../component/flags.ts";
import type { AutoscalerOptions } from "./options.ts";

export const autoscalerFlags = {
  "concurrent-horizontal-pod-autoscaler-syncs": flag(
    "int",
    5,
    "The number of horizontal pod autoscaler objects that are allowed to sync concurrently.",
  ),
  "horizontal-pod-autoscaler-sync-period": flag(
    "duration",
    15_000,
    "The period for syncing the number of pods in horizontal pod autoscaler.",
  ),
  "horizontal-pod-autoscaler-downscale-stabilization": flag(
    "duration",
    300_000,
    "The period for which autoscaler will look backwards and not scale down below any " +
      "recommendation it made during that period.",
  ),
  "horizontal-pod-autoscaler-tolerance": flag(
    "float32",
    0.1,
    "The minimum change (from 1.0) in the desired-to-actual metrics ratio for the horizontal pod " +
      "autoscaler to consider scaling.",
  ),
  "horizontal-pod-autoscaler-cpu-initialization-period": flag(
    "duration",
    300_000,
    "The period after pod start when CPU samples might be skipped.",
  ),
  "horizontal-pod-autoscaler-initial-readiness-delay": flag(
    "duration",
    30_000,
    "The period after pod start during which readiness changes will be treated as initial readiness.",
  ),
};

export function autoscalerFrom(flags: Flags<typeof autoscalerFlags>): AutoscalerOptions {
  return {
    workers: flags["concurrent-horizontal-pod-autoscaler-syncs"],
    periodMs: flags["horizontal-pod-autoscaler-sync-period"],
    downscaleStabilizationMs: flags["horizontal-pod-autoscaler-downscale-stabilization"],
    tolerance: flags["horizontal-pod-autoscaler-tolerance"],
    cpuInitializationMs: flags["horizontal-pod-autoscaler-cpu-initialization-period"],
    initialReadinessMs: flags["horizontal-pod-autoscaler-initial-readiness-delay"],
  };
}

/**
 * How autoscalers judge: for all of them together.
 *
 * In Kubernetes: HPAControllerConfiguration in pkg/controller/podautoscaler/config/types.go
 */
export interface AutoscalerOptions {
  workers: number;
  /** How often each is looked at. */
  periodMs: number;
  /** How long the highest recommendation counts, where its behaviour says nothing of that. */
  downscaleStabilizationMs: number;
  /** A ratio that is so close to 1 changes nothing. */
  tolerance: number;
  /** So long after its start what a pod uses of the processor may say nothing yet. */
  cpuInitializationMs: number;
  /** A pod that became unready so soon after its start was never ready. */
  initialReadinessMs: number;
}

export const AUTOSCALER_DEFAULTS: AutoscalerOptions = {
  workers: 5,
  periodMs: 15_000,
  downscaleStabilizationMs: 300_000,
  tolerance: 0.1,
  cpuInitializationMs: 300_000,
  initialReadinessMs: 30_000,
};

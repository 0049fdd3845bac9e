/** The kinds of autoscaling: HorizontalPodAutoscaler and Scale. */
import type { Kind } from "../kind.ts";
import { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";

export const autoscalingKinds: readonly Kind[] = [HorizontalPodAutoscaler];

/** The kinds of autoscaling: HorizontalPodAutoscaler and Scale. */
import type { Kind } from "../kind.ts";

export const autoscalingKinds: readonly Kind[] = [];

/** The kinds of batch: work that ends: Job and CronJob. */
import type { Kind } from "../kind.ts";

export const batchKinds: readonly Kind[] = [];

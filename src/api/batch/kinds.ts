/** The kinds of batch: work that ends: Job and CronJob. */
import type { Kind } from "../kind.ts";
import { CronJob } from "./cron-job.ts";
import { Job } from "./job.ts";

export const batchKinds: readonly Kind[] = [CronJob, Job];

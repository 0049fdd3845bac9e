/** Why a container could not be started: its waiting reason and message in the pod's status. */
import type { Pod } from "../../api/pod.ts";

export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: string;
  /** When it is worth trying again; undefined: with the pod's next sync. */
  readonly retryMs: number | undefined;

  /** `cause` is for the log. */
  constructor(reason: string, message: string, retryMs?: number, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.retryMs = retryMs;
  }
}

/** How events name a container of a pod: "spec.containers{web}". */
export function fieldPathOf({ spec }: Pod, name: string): string {
  const isIn = (list: { name: string }[] = []) => list.some((container) => container.name === name);
  if (isIn(spec.initContainers)) return `spec.initContainers{${name}}`;
  if (isIn(spec.ephemeralContainers)) return `spec.ephemeralContainers{${name}}`;
  return `spec.containers{${name}}`;
}

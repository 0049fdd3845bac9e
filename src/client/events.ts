/** The event recorder's contract. */
import type { KubeObject } from "../api/kind.ts";

export interface EventRecorder {
  /**
   * Tells of something that happened to `about`, for `kubectl describe` and `get events`. Never
   * throws and never waits: an event that cannot be written is logged and dropped.
   * `fieldPath` names a part of the object: "spec.containers{nginx}".
   */
  event(
    about: KubeObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
}

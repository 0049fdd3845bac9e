/**
 * What the list of controllers says of each: its names, whom it acts as, and how it is started.
 *
 * In Kubernetes: ControllerDescriptor in cmd/kube-controller-manager/app/controller_descriptor.go
 */
import type { ComponentContext, RunningController } from "../client/control-loop.ts";
import type { ControllerManagerOptions } from "./controller-options.ts";

/** Undefined where it has not been given what it needs. */
type Start = (
  context: ComponentContext,
  options: ControllerManagerOptions,
) => Promise<RunningController> | undefined;

export interface ControllerEntry {
  name: string;
  alias: string;
  /** The service account in kube-system it acts as where each has one of its own; "": none. Default: its name. */
  account?: string;
  /** "*" does not stand for it. */
  isOffByDefault?: boolean;
  start: Start;
}

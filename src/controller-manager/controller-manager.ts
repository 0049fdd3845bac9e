/**
 * The controller manager: one process that runs all the control loops of a cluster.
 *
 * Each is named as `--controllers` names it: "*" stands for all that are on by default, "name"
 * switches one on, "-name" switches it off. The older names still work.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/controllermanager.go.
 */
import type { ComponentContext, RunningController } from "../client/control-loop.ts";
import type { ControllerEntry } from "./controller-entry.ts";
import { controllers } from "./controller-list.ts";
import type { ControllerManagerOptions } from "./controller-options.ts";

/** Starts the selected controllers. Resolves when the caches of all are filled and they are at work. */
export async function startControllerManager(
  context: ComponentContext,
  options: ControllerManagerOptions = {},
): Promise<RunningController[]> {
  const log = context.log.named("controllermanager");
  const selected = selectControllers(options.controllers ?? ["*"]);
  const started = await Promise.all(
    selected.map(async ({ name, account = name, start }) => {
      const client = (account && options.clientOf?.(account)) || context.client;
      const running = await start({ ...context, client }, options);
      const what = running === undefined ? "Skipping controller" : "Started controller";
      log.info(what, { controller: name }, 1);
      return running;
    }),
  );
  return started.filter((running) => running !== undefined);
}

/** Those that are to run, in the order of the list. A name that no controller has is refused. */
export function selectControllers(selection: string[]): ControllerEntry[] {
  for (const item of selection) {
    const name = item.replace(/^-/, "");
    if (name !== "*" && !controllers.some((entry) => entry.name === name || entry.alias === name)) {
      throw new Error(`"${name}" is not in the list of known controllers`);
    }
  }
  const names = ({ name, alias }: ControllerEntry) => [name, alias];
  return controllers.filter((entry) => {
    if (names(entry).some((name) => selection.includes(`-${name}`))) return false;
    if (names(entry).some((name) => selection.includes(name))) return true;
    return selection.includes("*") && !entry.isOffByDefault;
  });
}

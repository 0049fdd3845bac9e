/**
 * What every part of a kubelet stands on: the way to the API server, time, log, events; the runtime,
 * and the pleg, which knows what the runtime has.
 */
import type { ComponentContext } from "../client/control-loop.ts";
import { createEventRecorder, type RunningEventRecorder } from "../client/events.ts";
import { type NodeUsage, runtimeUsage } from "./node/usage.ts";
import { DEFAULTS, type KubeletOptions } from "./options.ts";
import { Pleg } from "./pods/pleg.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** What a kubelet was told, with the defaults filled in. */
export type Settings = KubeletOptions & Required<Pick<KubeletOptions, keyof typeof DEFAULTS>>;

export interface Foundation extends ComponentContext {
  usage(): Promise<NodeUsage>;
  settings: Settings;
  runtime: Runtime;
  /** "docker": what container IDs begin with. */
  runtimeName: string;
  nodeName: string;
  events: RunningEventRecorder;
  pleg: Pleg;
}

/** Rejects when the runtime does not answer. */
export async function layFoundation(
  context: ComponentContext,
  options: KubeletOptions,
): Promise<Foundation> {
  const { client, clock, random, signal } = context;
  const settings: Settings = { ...DEFAULTS, ...withoutUndefined(options) };
  const { runtime, nodeName, relistMs } = settings;
  const { name: runtimeName } = await runtime.version();
  const log = context.log.named("kubelet");
  const recorder = { client, clock, random, log, signal };
  const usage = options.usage ?? (() => runtimeUsage(runtime, options.machine));
  return {
    ...context,
    ...{ usage, log, settings, runtime, runtimeName, nodeName },
    events: createEventRecorder({ ...recorder, component: "kubelet", host: nodeName }),
    pleg: new Pleg({ runtime, clock, log, signal, periodMs: relistMs }),
  };
}

/** An option given as undefined is one not given. */
function withoutUndefined(options: KubeletOptions): KubeletOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as KubeletOptions;
}

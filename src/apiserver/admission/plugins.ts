/**
 * The admission plug-ins, by the names the flags know them by, in the order in which they run.
 *
 * In Kubernetes: pkg/kubeapiserver/options/plugins.go
 */
import type { AdmissionPlugin } from "./admission.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { type NamespaceLifecycleOptions, namespaceLifecycle } from "./namespace-lifecycle.ts";

/** What any of them needs. */
export type AdmissionSurroundings = NamespaceLifecycleOptions;

const PLUGINS: Record<string, (surroundings: AdmissionSurroundings) => AdmissionPlugin> = {
  AlwaysAdmit: () => ({ name: "AlwaysAdmit", admit: () => undefined }),
  NamespaceLifecycle: namespaceLifecycle,
  DefaultTolerationSeconds: () => defaultTolerationSeconds,
};

/** What runs where nobody says otherwise. */
export const DEFAULT_PLUGINS: readonly string[] = [
  "NamespaceLifecycle",
  "DefaultTolerationSeconds",
];

/** Those that do not exist here. */
export function unknownPlugins(names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(PLUGINS, name));
}

export function createPlugins(
  names: readonly string[],
  surroundings: AdmissionSurroundings,
): AdmissionPlugin[] {
  return names.map((name) => PLUGINS[name]!(surroundings));
}

/**
 * The admission plug-ins, by the names the flags know them by, in the order in which they run.
 *
 * In Kubernetes: pkg/kubeapiserver/options/plugins.go
 */
import type { Store } from "../storage/store.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";

export interface AdmissionSurroundings {
  store: Store;
}

const PLUGINS: Record<string, (surroundings: AdmissionSurroundings) => AdmissionPlugin> = {
  AlwaysAdmit: () => ({ name: "AlwaysAdmit", admit: () => undefined }),
  NamespaceLifecycle: ({ store }) => namespaceLifecycle(store),
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

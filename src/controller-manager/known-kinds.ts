/**
 * Every kind there is right now: those that are built in, and those that users have declared, as they come and
 * go.
 *
 * Rule: of a declared kind one version is known, the one that is stored, if it is served.
 *
 * In Kubernetes: the discovery client, asked every 30 s (pkg/controller/garbagecollector, Sync). Differs: it
 * watches definitions, so it knows at once; API servers behind the API server are not looked into.
 */
import { customKind } from "../api/apiextensions/custom-kind.ts";
import {
  type CustomResourceDefinition,
  isTrue,
} from "../api/apiextensions/custom-resource-definition.ts";
import { apiVersionOf, type Kind } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import type { Informer, Reader } from "../client/informer.ts";

/** The kinds that `definitions` declare and that are served. */
export function customKindsIn(definitions: Reader<CustomResourceDefinition>): Kind[] {
  return definitions.list().flatMap((definition) => declaredKind(definition) ?? []);
}

/** Told of a kind that is there now, and of one that is there no longer. */
export interface KindListener {
  added(kind: Kind): void;
  removed(kind: Kind): void;
}

export class KnownKinds {
  /** By the name of the definition. */
  readonly #custom = new Map<string, Kind>();

  /** The listener is told of every declared kind, those first that there are already. */
  constructor(definitions: Informer<CustomResourceDefinition>, listener: KindListener) {
    definitions.onChange((definition, old) => {
      const { name } = (definition ?? old!).metadata;
      const before = this.#custom.get(name);
      const after = definition && declaredKind(definition);
      if (identityOf(before) === identityOf(after)) return;
      if (after === undefined) this.#custom.delete(name);
      else this.#custom.set(name, after);
      if (before !== undefined) listener.removed(before);
      if (after !== undefined) listener.added(after);
    });
  }

  /** Built in, or declared still. */
  has(kind: Kind): boolean {
    return kind.custom === undefined || [...this.#custom.values()].includes(kind);
  }

  /** An owner may be named by another version of its group. */
  named(apiVersion: string, name: string): Kind | undefined {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const all = [...kinds, ...this.#custom.values()];
    const named = all.filter((kind) => kind.kind === name && kind.group === group);
    return named.find((kind) => apiVersionOf(kind) === apiVersion) ?? named[0];
  }
}

function declaredKind(definition: CustomResourceDefinition): Kind | undefined {
  if (!isTrue(definition, "Established")) return undefined;
  const served = definition.spec.versions.filter((version) => version.served);
  const version = served.find(({ storage }) => storage) ?? served[0];
  if (version === undefined) return undefined;
  return customKind(definition, version, (objects) => objects);
}

/** A definition may change in much that does not concern those who only list and delete. */
function identityOf(kind: Kind | undefined): string | undefined {
  if (kind === undefined) return undefined;
  const { group, version, plural, kind: name, namespaced } = kind;
  return JSON.stringify([group, version, plural, name, namespaced]);
}

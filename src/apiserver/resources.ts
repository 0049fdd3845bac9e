/**
 * Which kind a path names: the list of kinds by group, version and plural.
 *
 * In Kubernetes: the map of installed REST storages, staging/src/k8s.io/apiserver/pkg/endpoints/installer.go
 */
import type { Kind } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import type { RequestInfo } from "./request-info.ts";

export class Resources {
  readonly #byPath = new Map<string, Kind>();

  /** Another array when there are other kinds. */
  readonly all: readonly Kind[];

  constructor(served: readonly Kind[] = kinds) {
    this.all = served;
    for (const kind of served) this.#byPath.set(pathOf(kind), kind);
  }

  of({ group, version, resource }: RequestInfo): Kind | undefined {
    return this.#byPath.get(`${group}/${version}/${resource}`);
  }
}

function pathOf({ group, version, plural }: Kind): string {
  return `${group}/${version}/${plural}`;
}

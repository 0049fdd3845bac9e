/**
 * Which kind a path names: the list of kinds by group, version and plural.
 *
 * In Kubernetes: the map of installed REST storages, staging/src/k8s.io/apiserver/pkg/endpoints/installer.go
 */
import type { Kind } from "../api/kind.ts";
import { kinds, otherShapes } from "../api/kinds.ts";
import { isAlias, isOtherVersion, withAliases } from "../api/served-versions.ts";
import type { RequestInfo } from "./request-info.ts";

export class Resources {
  readonly #byPath = new Map<string, Kind>();

  /** What is served, every version of it. Another array when there are other kinds. */
  readonly all: readonly Kind[];
  /** Those with a schema of their own, which OpenAPI tells of. */
  readonly described: readonly Kind[];
  /** Those that are kept in the store as they are. */
  readonly stored: readonly Kind[];

  constructor(served: readonly Kind[] = [...withAliases(kinds), ...otherShapes]) {
    this.all = served;
    this.described = served.filter((kind) => !isAlias(kind));
    this.stored = served.filter((kind) => !isOtherVersion(kind));
    for (const kind of served) this.#byPath.set(pathOf(kind), kind);
  }

  of({ group, version, resource }: RequestInfo): Kind | undefined {
    return this.#byPath.get(`${group}/${version}/${resource}`);
  }
}

function pathOf({ group, version, plural }: Kind): string {
  return `${group}/${version}/${plural}`;
}

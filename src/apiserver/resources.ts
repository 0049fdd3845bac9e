/**
 * Which kind a path names: the list of kinds by group, version and plural. Kinds that users declare come and
 * go while the server runs; and a whole group and version may be claimed by somebody else, who then answers
 * for it.
 *
 * In Kubernetes: the map of installed REST storages, staging/src/k8s.io/apiserver/pkg/endpoints/installer.go;
 * the storages of customresource_handler.go; the handlers of kube-aggregator.
 */
import type { Kind } from "../api/kind.ts";
import { kinds, otherShapes } from "../api/kinds.ts";
import { isAlias, isOtherVersion, withAliases } from "../api/served-versions.ts";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import type { User } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import type { RequestInfo } from "./request-info.ts";
import type { Call } from "./resource-handler.ts";

/** Answers all requests for one group and version: an API server behind this one. */
export interface Claim {
  answer(call: Call): Promise<ApiResponse>;
  /** Where a connection is joined that is to be upgraded. */
  backendOf?(request: ApiRequest, user: User): Backend;
}

export class Resources {
  readonly #builtIn: readonly Kind[];
  /** By the name of the definition that declares them. */
  readonly #custom = new Map<string, readonly Kind[]>();
  /** By "group/version". */
  readonly #claims = new Map<string, Claim>();
  #byPath = new Map<string, Kind>();
  #all: readonly Kind[] = [];
  #described: readonly Kind[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(served: readonly Kind[] = [...withAliases(kinds), ...otherShapes]) {
    this.#builtIn = served;
    this.#refresh();
  }

  /** What is served, every version of it. Another array when there are other kinds. */
  get all(): readonly Kind[] {
    return this.#all;
  }

  /** Those with a schema of their own, which OpenAPI tells of. Another array when there are others. */
  get described(): readonly Kind[] {
    return this.#described;
  }

  /** Those that are kept in the store as they are. */
  get stored(): readonly Kind[] {
    return this.#all.filter((kind) => !isOtherVersion(kind));
  }

  of({ group, version, resource }: Pick<RequestInfo, "group" | "version" | "resource">) {
    return this.#byPath.get(`${group}/${version}/${resource}`);
  }

  /** Serves these kinds for a definition, in place of those it had. */
  setCustom(definition: string, declared: readonly Kind[]): void {
    if (declared.length === 0) this.#custom.delete(definition);
    else this.#custom.set(definition, declared);
    this.#refresh();
  }

  customOf(definition: string): readonly Kind[] {
    return this.#custom.get(definition) ?? [];
  }

  /** From now on `claim` answers for this group and version; undefined gives it back. */
  setClaim(group: string, version: string, claim: Claim | undefined): void {
    if (claim === undefined) this.#claims.delete(`${group}/${version}`);
    else this.#claims.set(`${group}/${version}`, claim);
  }

  claimOn({ group, version }: Pick<RequestInfo, "group" | "version">): Claim | undefined {
    return this.#claims.get(`${group}/${version}`);
  }

  /** Tells when other kinds are served. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #refresh(): void {
    const custom = [...this.#custom.values()].flat().toSorted(byVersion);
    this.#all = [...this.#builtIn, ...custom];
    this.#described = this.#all.filter((kind) => !isAlias(kind));
    // A definition cannot take a path from a kind that is built in.
    this.#byPath = new Map([...custom, ...this.#builtIn].map((kind) => [pathOf(kind), kind]));
    for (const tell of this.#listeners) tell();
  }
}

function pathOf({ group, version, plural }: Kind): string {
  return `${group}/${version}/${plural}`;
}

/** The version a client should prefer comes first: v2, v1, v1beta2, v1alpha1, then any other name. */
function byVersion(a: Kind, b: Kind): number {
  return compareVersions(a.version, b.version) || (a.plural < b.plural ? -1 : 1);
}

const STAGES = ["alpha", "beta", undefined];

function compareVersions(a: string, b: string): number {
  const [x, y] = [versionParts(a), versionParts(b)];
  if (x === undefined || y === undefined) {
    if (x !== y) return x === undefined ? 1 : -1;
    return a === b ? 0 : a < b ? -1 : 1;
  }
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}

function versionParts(version: string) {
  const [, major, stage, minor = "0"] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  return { major: Number(major), stage: STAGES.indexOf(stage), minor: Number(minor) };
}

/**
 * The part of an object's metadata that the system alone sets. The same for every kind, so it is the
 * registry's and not theirs.
 *
 * In Kubernetes: FillObjectMetaSystemFields and BeforeUpdate in
 * staging/src/k8s.io/apiserver/pkg/registry/rest
 */
import { badRequest } from "../api/errors.ts";
import type { Kind, KubeObject, ObjectMeta } from "../api/kind.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import { type Random, randomUuid } from "../component/random.ts";

/** For a new object: its namespace, uid and birth; nothing that only an existing one can have. */
export function fillSystemMeta(
  obj: KubeObject,
  kind: Kind,
  namespace: string,
  { clock, random }: { clock: Clock; random: Random },
): void {
  const { metadata } = obj;
  metadata.name ??= "";
  matchNamespace(metadata, kind, namespace);
  metadata.uid = randomUuid(random);
  metadata.creationTimestamp = toApiTime(clock.now());
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.generation;
}

/** For an update: what a client left out of these, it did not mean to change. */
export function keepSystemMeta(obj: KubeObject, old: KubeObject): void {
  const { metadata } = obj;
  const was = old.metadata;
  if (was.namespace !== undefined) metadata.namespace ??= was.namespace;
  metadata.uid ||= was.uid!;
  metadata.creationTimestamp = was.creationTimestamp!;
  delete metadata.selfLink;
  keep(metadata, was, "generation");
  keep(metadata, was, "deletionTimestamp");
  if (metadata.deletionGracePeriodSeconds === undefined) {
    keep(metadata, was, "deletionGracePeriodSeconds");
  }
}

function keep<K extends keyof ObjectMeta>(metadata: ObjectMeta, was: ObjectMeta, field: K): void {
  if (was[field] === undefined || was[field] === null) delete metadata[field];
  else metadata[field] = was[field];
}

/** The namespace is the request's; an object that names another one was sent to the wrong place. */
function matchNamespace(metadata: ObjectMeta, kind: Kind, namespace: string): void {
  if (!kind.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  metadata.namespace = namespace;
}

/** Namespace and name are the URL's; the name has to be said all the same. */
export function matchPlace(
  { metadata }: KubeObject,
  kind: Kind,
  { namespace, name }: { namespace: string; name: string },
): void {
  matchNamespace(metadata, kind, namespace);
  if (!metadata.name) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}

export function warningsOfMeta({ metadata }: KubeObject, old?: KubeObject): string[] {
  const had = new Set(old?.metadata.finalizers);
  const bare = (metadata.finalizers ?? []).filter((one) => !one.includes("/") && !had.has(one));
  return bare
    .filter((one) => one !== "orphan" && one !== "foregroundDeletion")
    .map(
      (one) =>
        `metadata.finalizers: ${JSON.stringify(one)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}

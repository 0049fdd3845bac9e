/**
 * Where kinds differ in how they take an update, as a table of the answers their strategies give.
 *
 * In Kubernetes: AllowUnconditionalUpdate, AllowCreateOnUpdate and the handling of generation and of
 * ReturnDeletedObject in pkg/registry/<group>/<kind>/{strategy,storage}.go.
 */
import { type Kind, qualifiedResource } from "../api/kind.ts";

/** An update must say which version it has seen. */
const NEEDS_RESOURCE_VERSION = new Set(["leases.coordination.k8s.io", "serviceaccounts"]);

/** A PUT to a name that does not exist creates it. */
const CREATED_BY_UPDATE = new Set([
  "endpoints",
  "events",
  "leases.coordination.k8s.io",
  "limitranges",
  "services",
]);

/** A DELETE is answered with the object, not with a Status. */
const RETURNED_WHEN_DELETED = new Set(["pods", "resourcequotas", "serviceaccounts", "services"]);

/** Groups whose kinds count the changes of their spec in metadata.generation. */
const COUNTING_GROUPS = new Set(["apps", "batch", "networking.k8s.io", "policy"]);
const COUNTING = new Set(["replicationcontrollers"]);

export const allowsUnconditionalUpdate = (kind: Kind) =>
  !NEEDS_RESOURCE_VERSION.has(qualifiedResource(kind));

export const isCreatedByUpdate = (kind: Kind) => CREATED_BY_UPDATE.has(qualifiedResource(kind));

export const isReturnedWhenDeleted = (kind: Kind) =>
  RETURNED_WHEN_DELETED.has(qualifiedResource(kind));

export const hasGeneration = (kind: Kind) =>
  COUNTING_GROUPS.has(kind.group) || COUNTING.has(qualifiedResource(kind));

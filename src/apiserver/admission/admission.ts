/**
 * Admission: what the cluster as it is says to a write, after the object has its defaults and before it is
 * validated. A plug-in may change the object, refuse the write by throwing an ApiError, and say
 * how to undo what it did elsewhere if the write comes to nothing.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/chain.go. Differs: one pass, in which a
 * plug-in may both change and refuse.
 */
import type { Kind, KubeObject } from "../../api/kind.ts";
import type { User } from "../authenticate.ts";

export interface AdmissionRequest {
  verb: "create" | "update" | "delete";
  kind: Kind;
  /** "" for kinds without one. */
  namespace: string;
  name: string;
  subresource: string;
  /** What is to be written; absent on delete. */
  object?: KubeObject;
  /** What is there; absent on create. */
  oldObject?: KubeObject;
  user: User;
  isDryRun: boolean;
  /** Adds a sentence for a `Warning:` header. */
  warn(sentence: string): void;
  /** Called if, in the end, nothing is written: a dry run, a conflict, an invalid object. */
  onFailure(undo: () => void): void;
}

/** For what a plug-in writes itself: as nobody but the server, and to nobody a warning. */
export const THE_SERVER_ITSELF = {
  user: { name: "system:apiserver", groups: ["system:masters"] },
  isDryRun: false,
  warn: () => undefined,
};

export interface AdmissionPlugin {
  /** "NamespaceLifecycle": as --enable-admission-plugins names it. */
  name: string;
  admit(request: AdmissionRequest): Promise<void> | void;
}

/**
 * Admission: what the cluster as it is says to a write, after the object has its defaults and before it is
 * validated. A plug-in may change the object, refuse the write by throwing an ApiError, and say
 * how to undo what it did elsewhere if the write comes to nothing.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/chain.go. Differs: a plug-in may both change
 * and refuse in the first pass; only who needs to see what will really be written has a say in the second.
 */
import type { Kind, KubeObject } from "../../api/kind.ts";
import type { User } from "../authenticate.ts";

export interface AdmissionRequest {
  verb: "create" | "update" | "delete" | "connect";
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
  /** Adds to what the audit log tells of the request. */
  annotate?(key: string, value: string): void;
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
  /** After all that is changed has been changed, and is valid. */
  validate?(request: AdmissionRequest): Promise<void> | void;
  /** It is asked also when somebody connects to something: exec, attach, port-forward, proxy. */
  takesConnections?: boolean;
}

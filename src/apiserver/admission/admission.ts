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

/** What an object is that is no object of a kind of its own: a Scale, an Eviction, PodExecOptions. */
export type ObjectKind = Pick<Kind, "group" | "version" | "kind"> & { schema?: string };

export interface AdmissionRequest {
  verb: "create" | "update" | "delete" | "connect";
  kind: Kind;
  /** The version the client wrote in, where that is stored as `kind`. */
  askedAs?: Kind;
  /** "" for kinds without one. */
  namespace: string;
  /** "" where a whole collection is deleted: each object is asked about, and none is named. */
  name: string;
  subresource: string;
  /** What is to be written; absent on delete. */
  object?: KubeObject;
  /** What is there; absent on create. */
  oldObject?: KubeObject;
  /** What the two are, where that is not `kind`. */
  objectKind?: ObjectKind;
  /** The name is the server's choice (generateName). */
  isNameGenerated?: boolean;
  /** What the client asks of the write: the fields of CreateOptions and the like. */
  options?: object;
  /** Set by who changes the object as a client could: it has to be prepared once more. */
  isMutated?: boolean;
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

/**
 * The annotation of client-side apply, and how kubectl moves on from it: with the manager "kubectl" an
 * application may take the fields that the annotation says kubectl applied itself, and keeps the
 * annotation up to date while it is there.
 *
 * In Kubernetes: apimachinery/pkg/util/managedfields/internal/lastapplied{manager,updater}.go
 */
import type { KubeObject } from "../../api/kind.ts";
import type { Schema } from "../../api/schema.ts";
import { fieldsOf } from "./applied-fields.ts";
import { compare } from "./compare.ts";
import { difference, type FieldSet, NO_FIELDS } from "./field-set.ts";
import { StepError } from "./step.ts";

export const MIGRATING_MANAGER = "kubectl";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** What all annotations together may be. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/** What was applied last and is still as it was applied. */
export function lastAppliedFields(schema: Schema, live: KubeObject): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (!text) return NO_FIELDS;
  try {
    const applied: unknown = JSON.parse(text);
    const { set = NO_FIELDS, removed = NO_FIELDS } = compare(schema, applied, live);
    return difference(difference(fieldsOf(schema, applied), set), removed);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof StepError) return NO_FIELDS;
    throw error;
  }
}

/** Where the object has the annotation, makes it say what was applied now. */
export function renewLastApplied(obj: KubeObject, config: Record<string, unknown>): void {
  const { annotations } = obj.metadata;
  if (!annotations?.[LAST_APPLIED]) return;
  const text = `${JSON.stringify(withoutAnnotation(config))}\n`;
  if (Buffer.byteLength(text) > ANNOTATIONS_BYTES_MAX) delete annotations[LAST_APPLIED];
  else annotations[LAST_APPLIED] = text;
}

function withoutAnnotation(config: Record<string, unknown>): unknown {
  const metadata = config.metadata as KubeObject["metadata"] | undefined;
  if (metadata?.annotations?.[LAST_APPLIED] === undefined) return config;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations;
  return { ...config, metadata: { ...metadata, annotations } };
}

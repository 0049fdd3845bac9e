/** Judges an object as the registry would: default, prepare, then validate; returns the wordings. */
import { wordingOf } from "../../src/api/field-error.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../../src/api/kind.ts";
import { validateObjectMeta } from "../../src/api/metadata-validation.ts";

export type Draft = Record<string, unknown>;

/** A complete object made from a draft: the kind's example where the draft is silent. */
export function complete<T extends KubeObject>(kind: Kind<T>, draft: Draft): T {
  const obj = structuredClone({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: "example" },
    ...draft,
  }) as unknown as T;
  if (kind.namespaced) obj.metadata.namespace ??= "default";
  kind.setDefaults?.(obj);
  return obj;
}

export function created<T extends KubeObject>(kind: Kind<T>, draft: Draft): T {
  const obj = complete(kind, draft);
  kind.prepareForCreate?.(obj);
  return obj;
}

/** What is wrong with it when it is created. */
export function wordingsOf<T extends KubeObject>(kind: Kind<T>, draft: Draft): string[] {
  const obj = created(kind, draft);
  // A review is a question and has no name, which its own validation sees to.
  const isQuestion = kind.verbs?.join() === "create" && kind.example.metadata.name === "";
  const ofMeta = isQuestion ? [] : validateObjectMeta(obj.metadata, kind);
  return [...ofMeta, ...(kind.validate?.(obj) ?? [])].map(wordingOf);
}

/** What is wrong with changing one into the other. */
export function updateWordingsOf<T extends KubeObject>(kind: Kind<T>, from: Draft, to: Draft) {
  const old = created(kind, from);
  const obj = complete(kind, to);
  kind.prepareForUpdate?.(obj, old);
  const ofItself = kind.updatesAreJudgedAlone ? [] : (kind.validate?.(obj) ?? []);
  const errors = [...ofItself, ...(kind.validateUpdate?.(obj, old) ?? [])];
  return errors.map(wordingOf);
}

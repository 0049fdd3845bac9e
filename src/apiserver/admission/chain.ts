/**
 * The plug-ins, one after the other: first those that may change the object, then, once it is valid, those that judge it.
 * What a plug-in did elsewhere is undone where nothing is written after all.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/chain.go, and how the handlers of
 * staging/src/k8s.io/apiserver/pkg/endpoints/handlers use it
 */
import type { KubeObject } from "../../api/kind.ts";
import type { Target, WriteContext } from "../registry.ts";
import type { AdmissionPlugin, AdmissionRequest, ObjectKind } from "./admission.ts";

type About = Omit<AdmissionRequest, "user" | "isDryRun" | "warn" | "onFailure">;
type Judge = () => Promise<void>;

export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #judges: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
    this.#judges = plugins.filter(({ validate }) => validate !== undefined);
  }

  /** Runs the plug-ins, then `write`, which lets them judge. `isMutated`: a webhook has changed the object. */
  async run<T>(
    about: About,
    context: WriteContext,
    write: (judge: Judge, isMutated: boolean) => Promise<{ value: T; isWritten: boolean }>,
  ): Promise<T> {
    if (context.isAdmitted) return (await write(async () => undefined, false)).value;
    const undo: (() => void)[] = [];
    const onFailure = (callback: () => void) => void undo.push(callback);
    let isWritten = false;
    try {
      const request: AdmissionRequest = { ...about, ...context, onFailure };
      for (const plugin of this.#plugins) {
        const admitting = plugin.admit(request);
        if (admitting) await admitting;
      }
      const judge = async () => {
        for (const plugin of this.#judges) {
          const verdict = plugin.validate!(request);
          if (verdict) await verdict;
        }
      };
      const outcome = await write(judge, request.isMutated ?? false);
      isWritten = outcome.isWritten;
      return outcome.value;
    } finally {
      if (!isWritten) for (const callback of undo) callback();
    }
  }

  /** For what is created and kept nowhere, or as a change of something else: a binding, an eviction, a review. */
  creating<T>(
    { kind, namespace, name, subresource }: Target,
    objectKind: ObjectKind,
    object: KubeObject,
    context: WriteContext,
    act: (judge: Judge) => Promise<T>,
  ): Promise<T> {
    const about = {
      verb: "create" as const,
      kind,
      namespace,
      name,
      subresource,
      objectKind,
      object,
    };
    return this.run(about, context, async (judge) => ({
      value: await act(judge),
      isWritten: true,
    }));
  }
}

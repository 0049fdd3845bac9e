/**
 * Without --allow-privileged, nobody gets a container that has the powers of the host.
 *
 * In Kubernetes: pkg/capabilities and ValidateSecurityContext in pkg/apis/core/validation. Differs: it is
 * a question to the server's settings, so it is asked where those are, not in the pure validation.
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { invalid } from "../../api/errors.ts";
import { forbidden } from "../../api/field-error.ts";
import type { KubeObject } from "../../api/kind.ts";
import type { AdmissionPlugin } from "./admission.ts";

export const refusePrivilegedContainers: AdmissionPlugin = {
  name: "PrivilegedContainers",
  admit({ kind, name, object, subresource }) {
    if (object === undefined || subresource !== "") return;
    const [path, spec] = podSpecOf(object);
    const errors = (["initContainers", "containers"] as const).flatMap((list) =>
      (spec?.[list] ?? []).flatMap(({ securityContext }, i) =>
        securityContext?.privileged
          ? [
              forbidden(
                `${path}.${list}[${i}].securityContext.privileged`,
                "disallowed by cluster policy",
              ),
            ]
          : [],
      ),
    );
    if (errors.length > 0) throw invalid(kind, name, errors);
  },
};

/** Of a pod, or of the template of what makes pods. */
function podSpecOf(object: KubeObject): [path: string, spec: PodSpec | undefined] {
  const spec = object.spec as (PodSpec & { template?: { spec?: PodSpec } }) | undefined;
  return object.kind === "Pod" ? ["spec", spec] : ["spec.template.spec", spec?.template?.spec];
}

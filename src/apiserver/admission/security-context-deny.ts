/**
 * SecurityContextDeny: no pod chooses the user, the groups or the SELinux labels it runs under. What it does
 * not forbid (privileged, capabilities) is up to --allow-privileged.
 *
 * In Kubernetes: plugin/pkg/admission/securitycontext/scdeny/admission.go (up to 1.29)
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { Pod } from "../../api/pod.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { refusal } from "./refusal.ts";

export const securityContextDeny: AdmissionPlugin = {
  name: "SecurityContextDeny",
  admit(request) {
    const { kind, verb, subresource, object } = request;
    if (kind !== Pod || subresource !== "" || verb === "delete") return;
    const chosen = chosenBy((object as Pod).spec);
    if (chosen !== undefined) throw refusal(request, `${chosen} is forbidden`);
  },
};

/** The first of the forbidden fields that is set, as the original names it. */
function chosenBy({ securityContext: ofPod = {}, containers }: PodSpec): string | undefined {
  if (ofPod.supplementalGroups !== undefined) return "SecurityContext.SupplementalGroups";
  if (ofPod.seLinuxOptions !== undefined) return "pod.Spec.SecurityContext.SELinuxOptions";
  if (ofPod.runAsUser !== undefined) return "pod.Spec.SecurityContext.RunAsUser";
  if (ofPod.fsGroup !== undefined) return "SecurityContext.FSGroup";
  for (const { securityContext = {} } of containers) {
    if (securityContext.seLinuxOptions !== undefined) return "SecurityContext.SELinuxOptions";
    if (securityContext.runAsUser !== undefined) return "SecurityContext.RunAsUser";
  }
  return undefined;
}

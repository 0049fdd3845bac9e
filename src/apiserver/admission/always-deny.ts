/**
 * AlwaysDeny: nothing is created, changed or deleted. For trying out what a cluster does that may not write.
 *
 * In Kubernetes: plugin/pkg/admission/deny/admission.go
 */
import type { AdmissionPlugin } from "./admission.ts";
import { earlyRefusal } from "./refusal.ts";

export const alwaysDeny: AdmissionPlugin = {
  name: "AlwaysDeny",
  admit(request) {
    throw earlyRefusal(request, "admission control is denying all modifications");
  },
};

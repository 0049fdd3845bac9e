/**
 * DefaultTolerationSeconds: a pod stays five minutes on a node that is not ready or cannot be reached,
 * unless it says otherwise itself.
 *
 * In Kubernetes: plugin/pkg/admission/defaulttolerationseconds/admission.go
 */
import type { Toleration } from "kubernetes-types/core/v1.js";
import { Pod } from "../../api/pod.ts";
import type { AdmissionPlugin } from "./admission.ts";

const TOLERATION_SECONDS = 300;
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  admit({ kind, object, subresource }) {
    if (kind !== Pod || object === undefined || subresource !== "") return;
    const { spec } = object as Pod;
    const said = spec.tolerations ?? [];
    const missing = TAINTS.filter((key) => !said.some((one) => covers(one, key)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: TOLERATION_SECONDS,
    }));
    spec.tolerations = [...said, ...added];
  },
};

function covers({ key = "", effect = "" }: Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === "");
}

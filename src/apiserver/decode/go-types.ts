/**
 * The Go types that Kubernetes' decoding errors speak of: "cannot unmarshal string into Go struct
 * field PodSpec.spec.containers of type []v1.Container".
 *
 * In Kubernetes: the type declarations of staging/src/k8s.io/api. Differs: of the types that are
 * strings by another name only the ones below are known; the rest are called `string`.
 */
import type { Schema } from "../../api/schema.ts";

/** Field, or Type.field, whose type is a string (or a map) by another name. */
const NAMED: Record<string, string> = {
  "Container.restartPolicy": "v1.ContainerRestartPolicy",
  "ContainerResizePolicy.restartPolicy": "v1.ResourceResizeRestartPolicy",
  "CrossVersionObjectReference.kind": "string",
  "DaemonSetUpdateStrategy.type": "v1.DaemonSetUpdateStrategyType",
  "DeploymentStrategy.type": "v1.DeploymentStrategyType",
  "HTTPGetAction.scheme": "v1.URIScheme",
  "LabelSelectorRequirement.operator": "v1.LabelSelectorOperator",
  "LimitRangeItem.type": "v1.LimitType",
  "NodeSelectorRequirement.operator": "v1.NodeSelectorOperator",
  "NodeStatus.phase": "v1.NodePhase",
  "PersistentVolumeSpec.accessModes": "v1.PersistentVolumeAccessMode",
  "PersistentVolumeClaimSpec.accessModes": "v1.PersistentVolumeAccessMode",
  "PodSpec.restartPolicy": "v1.RestartPolicy",
  "PodStatus.phase": "v1.PodPhase",
  "Secret.type": "v1.SecretType",
  "ServiceSpec.sessionAffinity": "v1.ServiceAffinity",
  "ServiceSpec.type": "v1.ServiceType",
  "StatefulSetUpdateStrategy.type": "v1.StatefulSetUpdateStrategyType",
  "Toleration.operator": "v1.TolerationOperator",
  "TopologySpreadConstraint.whenUnsatisfiable": "v1.UnsatisfiableConstraintAction",
  concurrencyPolicy: "v1.ConcurrencyPolicy",
  dnsPolicy: "v1.DNSPolicy",
  effect: "v1.TaintEffect",
  externalTrafficPolicy: "v1.ServiceExternalTrafficPolicy",
  imagePullPolicy: "v1.PullPolicy",
  internalTrafficPolicy: "v1.ServiceInternalTrafficPolicy",
  ipFamilies: "v1.IPFamily",
  ipFamilyPolicy: "v1.IPFamilyPolicy",
  medium: "v1.StorageMedium",
  mountPropagation: "v1.MountPropagationMode",
  persistentVolumeReclaimPolicy: "v1.PersistentVolumeReclaimPolicy",
  podManagementPolicy: "v1.PodManagementPolicyType",
  preemptionPolicy: "v1.PreemptionPolicy",
  protocol: "v1.Protocol",
  qosClass: "v1.PodQOSClass",
  terminationMessagePolicy: "v1.TerminationMessagePolicy",
  uid: "types.UID",
};

/** The name of an object's type: "Container". */
export function goStruct(ref: string): string {
  return ref.slice(ref.lastIndexOf(".") + 1);
}

/** The type of one field of an object; `struct` is "" for what is in a list or a map. */
export function goType(schema: Schema, struct: string, field: string): string {
  switch (schema.type) {
    case "object":
      return qualified(schema.ref!);
    case "array":
      return `[]${goType(schema.items!, struct, field)}`;
    case "map":
      return schema.items!.format === "quantity"
        ? "v1.ResourceList"
        : `map[string]${goType(schema.items!, struct, field)}`;
    case "integer":
      return schema.format ?? "int";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    case "any":
      return "interface {}";
    case "string":
      return goString(schema, struct, field);
  }
}

function goString(schema: Schema, struct: string, field: string): string {
  if (schema.format === "byte") return "[]uint8";
  if (schema.format === "int-or-string") return "int32";
  const full = `${struct}.${field}`;
  if (Object.hasOwn(NAMED, full)) return NAMED[full]!;
  return Object.hasOwn(NAMED, field) ? NAMED[field]! : "string";
}

/** "io.k8s.api.core.v1.Container" -> "v1.Container". */
function qualified(ref: string): string {
  return ref.split(".").slice(-2).join(".");
}

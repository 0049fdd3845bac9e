/**
 * What may not be said in a pod's status: what has ended runs again, or addresses that are none.
 *
 * In Kubernetes: ValidatePodStatusUpdate, validatePodIPs and validateHostIPs in
 * pkg/apis/core/validation/validation.go
 */
import { isIPv6 } from "node:net";
import type {
  ContainerStatus,
  PodCondition,
  PodSpec,
  PodStatus,
} from "kubernetes-types/core/v1.js";
import { duplicate, type FieldError, forbidden, GoStruct, invalidValue } from "./field-error.ts";
import { dns1123SubdomainErrors, ipErrors, qualifiedNameErrors } from "./names.ts";
import type { Pod } from "./pod.ts";
import { podAnnotationUpdateErrors } from "./pod-update-validation.ts";

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const { nominatedNodeName = "", conditions = [] } = pod.status ?? {};
  const errors = [...podAnnotationUpdateErrors(pod, old), ...conditionErrors(conditions)];
  if (nominatedNodeName && nominatedNodeName !== old.status?.nominatedNodeName) {
    const path = "status.nominatedNodeName";
    const wrong = dns1123SubdomainErrors(nominatedNodeName);
    errors.push(...wrong.map((error) => invalidValue(path, nominatedNodeName, error)));
  }
  const never = { ...old.spec, restartPolicy: "Never" };
  for (const [list, spec] of [
    ["containerStatuses", old.spec],
    ["initContainerStatuses", old.spec],
    ["ephemeralContainerStatuses", never],
  ] as const) {
    const [now, before] = [pod.status?.[list] ?? [], old.status?.[list] ?? []];
    errors.push(...revivalErrors(now, before, spec, `status.${list}`));
  }
  return [...errors, ...podAddressErrors(pod.status ?? {})];
}

// Kubernetes looks for them in the metadata, and spells the field as Go does.
function conditionErrors(conditions: PodCondition[]): FieldError[] {
  return conditions.flatMap(({ type }, index) => {
    if (["PodScheduled", "Ready", "Initialized"].includes(type)) return [];
    const path = `metadata.conditions[${index}].Type`;
    return qualifiedNameErrors(type).map((error) => invalidValue(path, type, error));
  });
}

/** What has ended for good does not run again. */
function revivalErrors(
  now: ContainerStatus[],
  before: ContainerStatus[],
  { restartPolicy, initContainers = [] }: PodSpec,
  path: string,
): FieldError[] {
  if (restartPolicy === "Always") return [];
  const sidecars = initContainers.filter((one) => one.restartPolicy === "Always");
  return before.flatMap(({ name, state }, index) => {
    const exitCode = state?.terminated?.exitCode;
    const mayRestart = exitCode !== 0 && restartPolicy === "OnFailure";
    const isSidecar = sidecars.some((one) => one.name === name);
    if (exitCode === undefined || mayRestart || isSidecar) return [];
    const next = now.find((one) => one.name === name);
    if (next === undefined || next.state?.terminated) return [];
    const why = "may not be transitioned to non-terminated state";
    return [forbidden(`${path}[${index}].state`, why)];
  });
}

function podAddressErrors({ podIPs = [], hostIP = "", hostIPs = [] }: PodStatus): FieldError[] {
  const errors = addressErrors(podIPs, "PodIP", "status.podIPs");
  const [first] = hostIPs;
  if (first === undefined) return errors;
  if (first.ip !== hostIP) {
    const why = "must be equal to `hostIP`";
    errors.push(invalidValue("status.hostIPs[0].ip", first.ip ?? "", why));
  }
  return [...errors, ...addressErrors(hostIPs, "HostIP", "status.hostIPs")];
}

/** One address of each family at most. */
function addressErrors(
  addresses: { ip?: string }[],
  type: "PodIP" | "HostIP",
  path: string,
): FieldError[] {
  const ips = addresses.map(({ ip = "" }) => ip);
  const errors = ips.flatMap((ip, index) =>
    ipErrors(ip).map((error) => invalidValue(`${path}[${index}]`, ip, error)),
  );
  const families = new Set(ips.map(isIPv6));
  const isBothFamilies = ips.length < 2 || (ips.length === 2 && families.size === 2);
  const fields = ips.map((ip) => ({ IP: ip }));
  const repeats = ips.flatMap((ip, index) =>
    ips.indexOf(ip) === index
      ? []
      : [duplicate(`${path}[${index}]`, new GoStruct(`core.${type}`, { IP: ip }))],
  );
  if (isBothFamilies) return [...errors, ...repeats];
  const why = "may specify no more than one IP for each IP family";
  const tooMany = invalidValue(path, GoStruct.listOf(`core.${type}`, fields), why);
  // Kubernetes tells of the two in another order for the node's addresses.
  return type === "PodIP" ? [...errors, tooMany, ...repeats] : [...errors, ...repeats, tooMany];
}

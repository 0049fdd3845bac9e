/**
 * The restricted level of the Pod Security Standards: what a hardened pod must say of itself.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/policy/check_*.go
 */
import type { Volume } from "kubernetes-types/core/v1.js";
import type { Check } from "./pod-security-words.ts";
import {
  containersOf,
  containersText,
  contextOf,
  isForWindows,
  plural,
  quoted,
  settersText,
  sorted,
} from "./pod-security-words.ts";

const VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);
const PROFILES = ["RuntimeDefault", "Localhost"];

export const allowPrivilegeEscalation: Check = ({ spec }, minor) => {
  if (isForWindows(spec, minor)) return undefined;
  const bad = containersOf(spec).filter((one) => contextOf(one).allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: "allowPrivilegeEscalation != false", detail };
};

export const capabilitiesRestricted: Check = ({ spec }, minor) => {
  if (isForWindows(spec, minor)) return undefined;
  const containers = containersOf(spec);
  const undropped = containers.filter((one) => !contextOf(one).capabilities?.drop?.includes("ALL"));
  const added = (one: (typeof containers)[number]) =>
    (contextOf(one).capabilities?.add ?? []).filter((name) => name !== "NET_BIND_SERVICE");
  const adding = containers.filter((one) => added(one).length > 0);
  const details: string[] = [];
  if (undropped.length > 0) {
    details.push(`${containersText(undropped)} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const names = quoted(sorted(adding.flatMap(added)));
    details.push(
      `${containersText(adding)} must not include ${names} in securityContext.capabilities.add`,
    );
  }
  if (details.length === 0) return undefined;
  return { reason: "unrestricted capabilities", detail: details.join("; ") };
};

export const restrictedVolumes: Check = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !VOLUMES.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(typeOf));
  const names = quoted(bad.map(({ name }) => name));
  const use = bad.length === 1 ? "uses" : "use";
  const what = plural("restricted volume type", types.length);
  return {
    reason: "restricted volume types",
    detail: `${plural("volume", bad.length)} ${names} ${use} ${what} ${quoted(types)}`,
  };
};

function typeOf(volume: Volume): string {
  return Object.keys(volume).find((field) => field !== "name") ?? "unknown";
}

export const runAsNonRoot: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const containers = containersOf(spec);
  const explicit = containers.filter((one) => contextOf(one).runAsNonRoot === false);
  if (ofPod === false || explicit.length > 0) {
    const detail = `${settersText(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false`;
    return { reason: "runAsNonRoot != true", detail };
  }
  const silent = containers.filter((one) => contextOf(one).runAsNonRoot === undefined);
  if (ofPod || silent.length === 0) return undefined;
  const detail = `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true`;
  return { reason: "runAsNonRoot != true", detail };
};

export const runAsUser: Check = ({ spec }) => {
  const isPodBad = spec.securityContext?.runAsUser === 0;
  const bad = containersOf(spec).filter((one) => contextOf(one).runAsUser === 0);
  if (!isPodBad && bad.length === 0) return undefined;
  return {
    reason: "runAsUser=0",
    detail: `${settersText(isPodBad, bad)} must not set runAsUser=0`,
  };
};

export const seccompRestricted: Check = ({ spec }, minor) => {
  if (isForWindows(spec, minor)) return undefined;
  const ofPod = spec.securityContext?.seccompProfile?.type;
  const isPodBad = ofPod !== undefined && !PROFILES.includes(ofPod);
  const containers = containersOf(spec);
  const typeIn = (one: (typeof containers)[number]) => contextOf(one).seccompProfile?.type;
  const bad = containers.filter((one) => {
    const type = typeIn(one);
    return type !== undefined && !PROFILES.includes(type);
  });
  const reason = "seccompProfile";
  if (isPodBad || bad.length > 0) {
    const types = quoted(sorted([...(isPodBad ? [ofPod] : []), ...bad.map((one) => typeIn(one)!)]));
    const setters = settersText(isPodBad, bad);
    const detail = `${setters} must not set securityContext.seccompProfile.type to ${types}`;
    return { reason, detail };
  }
  const silent = containers.filter((one) => typeIn(one) === undefined);
  if (ofPod !== undefined || silent.length === 0) return undefined;
  const detail = `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason, detail };
};

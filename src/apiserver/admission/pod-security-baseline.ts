/**
 * The baseline level of the Pod Security Standards: nothing by which a pod is known to get at its node.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/policy/check_*.go
 */
import type { Check } from "./pod-security-words.ts";
import {
  containersOf,
  containersText,
  contextOf,
  plural,
  quoted,
  settersText,
  sorted,
} from "./pod-security-words.ts";

const CAPABILITIES = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);
/** From which minor version on each is harmless. */
const SYSCTLS: Record<string, number> = {
  "kernel.shm_rmid_forced": 0,
  "net.ipv4.ip_local_port_range": 0,
  "net.ipv4.tcp_syncookies": 0,
  "net.ipv4.ping_group_range": 0,
  "net.ipv4.ip_unprivileged_port_start": 0,
  "net.ipv4.ip_local_reserved_ports": 27,
  "net.ipv4.tcp_keepalive_time": 29,
  "net.ipv4.tcp_fin_timeout": 29,
  "net.ipv4.tcp_keepalive_intvl": 29,
  "net.ipv4.tcp_keepalive_probes": 29,
};
const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t"];
const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

export const appArmorProfile: Check = ({ metadata, spec }) => {
  const isBad = (profile: { type: string } | undefined) =>
    profile !== undefined && !["RuntimeDefault", "Localhost"].includes(profile.type);
  const ofPod = spec.securityContext?.appArmorProfile;
  const containers = containersOf(spec).filter((one) => isBad(contextOf(one).appArmorProfile));
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key, value]) =>
      key.startsWith(APPARMOR) &&
      !(value === "" || value === "runtime/default" || value.startsWith("localhost/")),
  );
  const values = [
    ...(isBad(ofPod) ? [ofPod!.type] : []),
    ...containers.map((one) => contextOf(one).appArmorProfile!.type),
    ...annotations.map(([, value]) => value),
  ];
  if (values.length === 0) return undefined;
  const setters = [settersText(isBad(ofPod), containers)];
  if (annotations.length > 0) {
    const keys = sorted(annotations.map(([key]) => key));
    setters.push(`${plural("annotation", keys.length)} ${quoted(keys)}`);
  }
  const bad = sorted(values);
  return {
    reason: plural("forbidden AppArmor profile", bad.length),
    detail: `${setters.filter(Boolean).join(" and ")} must not set AppArmor profile type to ${quoted(bad)}`,
  };
};

export const capabilitiesBaseline: Check = ({ spec }) => {
  const added = (one: Parameters<typeof contextOf>[0]) =>
    (contextOf(one).capabilities?.add ?? []).filter((name) => !CAPABILITIES.has(name));
  const bad = containersOf(spec).filter((one) => added(one).length > 0);
  if (bad.length === 0) return undefined;
  const names = quoted(sorted(bad.flatMap(added)));
  const detail = `${containersText(bad)} must not include ${names} in securityContext.capabilities.add`;
  return { reason: "non-default capabilities", detail };
};

export const hostNamespaces: Check = ({ spec }) => {
  const set = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field]);
  if (set.length === 0) return undefined;
  return { reason: "host namespaces", detail: set.map((field) => `${field}=true`).join(", ") };
};

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    reason: "hostPath volumes",
    detail: `${plural("volume", names.length)} ${quoted(names)}`,
  };
};

export const hostPorts: Check = ({ spec }) => {
  const bad = containersOf(spec).filter(({ ports = [] }) => ports.some(({ hostPort }) => hostPort));
  if (bad.length === 0) return undefined;
  const ports = sorted(
    bad.flatMap(({ ports = [] }) =>
      ports.flatMap(({ hostPort }) => (hostPort ? [`${hostPort}`] : [])),
    ),
  );
  const use = bad.length === 1 ? "uses" : "use";
  const detail = `${containersText(bad)} ${use} ${plural("hostPort", ports.length)} ${ports.join(", ")}`;
  return { reason: "hostPort", detail };
};

export const privileged: Check = ({ spec }) => {
  const bad = containersOf(spec).filter((one) => contextOf(one).privileged);
  if (bad.length === 0) return undefined;
  const detail = `${containersText(bad)} must not set securityContext.privileged=true`;
  return { reason: "privileged", detail };
};

export const procMount: Check = ({ spec }) => {
  const mountOf = (one: Parameters<typeof contextOf>[0]) => contextOf(one).procMount ?? "Default";
  const bad = containersOf(spec).filter((one) => mountOf(one) !== "Default");
  if (bad.length === 0) return undefined;
  const types = quoted(sorted(bad.map(mountOf)));
  const detail = `${containersText(bad)} must not set securityContext.procMount to ${types}`;
  return { reason: "procMount", detail };
};

export const seLinuxOptions: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.seLinuxOptions;
  const isBad = (options = ofPod) =>
    options !== undefined &&
    (!SELINUX_TYPES.includes(options.type ?? "") || Boolean(options.user) || Boolean(options.role));
  const bad = containersOf(spec).filter((one) => {
    const options = contextOf(one).seLinuxOptions;
    return options !== undefined && isBad(options);
  });
  const isPodBad = ofPod !== undefined && isBad(ofPod);
  const all = [...(isPodBad ? [ofPod] : []), ...bad.map((one) => contextOf(one).seLinuxOptions!)];
  if (all.length === 0) return undefined;
  const types = sorted(
    all.flatMap(({ type = "" }) => (SELINUX_TYPES.includes(type) ? [] : [type])),
  );
  const data = types.length > 0 ? [`${plural("type", types.length)} ${quoted(types)}`] : [];
  if (all.some(({ user }) => user)) data.push("user may not be set");
  if (all.some(({ role }) => role)) data.push("role may not be set");
  const setters = settersText(isPodBad, bad);
  const detail = `${setters} set forbidden securityContext.seLinuxOptions: ${data.join("; ")}`;
  return { reason: "seLinuxOptions", detail };
};

export const seccompBaseline: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.seccompProfile;
  const isPodBad = ofPod?.type === "Unconfined";
  const bad = containersOf(spec).filter(
    (one) => contextOf(one).seccompProfile?.type === "Unconfined",
  );
  if (!isPodBad && bad.length === 0) return undefined;
  const detail = `${settersText(isPodBad, bad)} must not set securityContext.seccompProfile.type to "Unconfined"`;
  return { reason: "seccompProfile", detail };
};

export const sysctls: Check = ({ spec }, minor) => {
  const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
  const isKnown = (name: string) => Object.hasOwn(SYSCTLS, name) && minor >= SYSCTLS[name]!;
  const forbidden = names.filter((name) => !isKnown(name));
  if (forbidden.length === 0) return undefined;
  return { reason: "forbidden sysctls", detail: forbidden.join(", ") };
};

export const windowsHostProcess: Check = ({ spec }) => {
  const isPodBad = spec.securityContext?.windowsOptions?.hostProcess ?? false;
  const bad = containersOf(spec).filter((one) => contextOf(one).windowsOptions?.hostProcess);
  if (!isPodBad && bad.length === 0) return undefined;
  const detail = `${settersText(isPodBad, bad)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: "hostProcess", detail };
};

/**
 * What is accepted of a pod although it is unwise: said in a `Warning:` header, which kubectl prints.
 *
 * In Kubernetes: pkg/api/pod/warnings.go
 */
import type {
  Affinity,
  Container,
  EnvVar,
  NodeSelectorTerm,
  PodAffinity,
  PodSpec,
} from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import {
  type PlacedContainer,
  placedContainers,
  SECCOMP_CONTAINER,
  SECCOMP_POD,
} from "./pod-annotations-validation.ts";
import { portWarnings } from "./port-warnings.ts";
import { fractionWarnings } from "./quantity-warnings.ts";
import { renamedLabelWarnings } from "./renamed-labels.ts";
import { volumeWarnings } from "./volume-warnings.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
const SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead';

/** Annotations that no longer do anything. */
const RETIRED: Record<string, string> = {
  "scheduler.alpha.kubernetes.io/critical-pod":
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": SYSCTLS,
  "security.alpha.kubernetes.io/unsafe-sysctls": SYSCTLS,
};

export interface PodLike {
  metadata?: ObjectMeta;
  spec: PodSpec;
}

/** `path` leads to the template ("spec.template"); of a pod itself it is "". */
export function podWarnings({ metadata = {}, spec }: PodLike, path: string): string[] {
  const at = path === "" ? "spec" : `${path}.spec`;
  const notes = `${path === "" ? "" : `${path}.`}metadata.annotations`;
  const { annotations = {} } = metadata;
  const placed = placedContainers(spec, at);
  return [
    ...placementWarnings(spec, at),
    ...Object.entries(RETIRED).flatMap(([key, why]) =>
      annotations[key] === undefined ? [] : [`${notes}[${key}]: ${why}`],
    ),
    ...volumeWarnings(spec.volumes ?? [], `${at}.volumes`),
    ...repeatWarnings(
      (spec.hostAliases ?? []).map(({ ip = "" }) => ip),
      "ip",
      `${at}.hostAliases`,
    ),
    ...pullSecretWarnings(spec, `${at}.imagePullSecrets`),
    ...fractionWarnings(spec.overhead, `${at}.overhead`),
    ...(spec.securityContext?.seccompProfile
      ? []
      : seccompWarnings(annotations, SECCOMP_POD, notes)),
    ...placed.flatMap((one) => containerWarnings(one, annotations, notes, spec)),
    ...portWarnings(placed),
    ...graceWarnings(spec.terminationGracePeriodSeconds, at),
    ...affinityWarnings(spec.affinity, `${at}.affinity`),
  ];
}

/** Said of a name that is no label, where pods and their host names are made from it. */
export function hostNameWarnings(wrong: string[], whose = "in Pod names and hostnames"): string[] {
  if (wrong.length === 0) return [];
  return [
    `metadata.name: this is used ${whose}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(" ")}]`,
  ];
}

function placementWarnings(spec: PodSpec, path: string): string[] {
  const { nodeSelector = {}, affinity, topologySpreadConstraints = [] } = spec;
  const { [REQUIRED]: must, [PREFERRED]: may = [] } = affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector).flatMap((key) =>
      renamedLabelWarnings(key, `${path}.nodeSelector[${key}]:`),
    ),
    ...nodeTermWarnings(must?.nodeSelectorTerms, `${at}.${REQUIRED}.nodeSelectorTerms`),
    ...may.flatMap(({ preference }, index) =>
      oneTermWarnings(preference, `${at}.${PREFERRED}[${index}].preference`),
    ),
    ...topologySpreadConstraints.flatMap(({ topologyKey: key, labelSelector }, index) => {
      const one = `${path}.topologySpreadConstraints[${index}]`;
      return [
        ...renamedLabelWarnings(key, `${one}.topologyKey: ${key} is`),
        ...nullSelectorWarnings(labelSelector, one),
      ];
    }),
  ];
}

export function nodeTermWarnings(terms: NodeSelectorTerm[] = [], path: string): string[] {
  return terms.flatMap((term, index) => oneTermWarnings(term, `${path}[${index}]`));
}

function oneTermWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ key }, index) =>
    renamedLabelWarnings(key, `${path}.matchExpressions[${index}].key: ${key} is`),
  );
}

function nullSelectorWarnings(selector: object | undefined, path: string): string[] {
  const none = `${path}.labelSelector: a null labelSelector results in matching no pod`;
  return selector === undefined ? [none] : [];
}

function pullSecretWarnings({ imagePullSecrets = [] }: PodSpec, path: string): string[] {
  const names = imagePullSecrets.map(({ name = "" }) => name);
  return [
    ...repeatWarnings(names, "name", path),
    ...names.flatMap((name, index) =>
      name === "" ? [`${path}[${index}].name: invalid empty name ""`] : [],
    ),
  ];
}

function seccompWarnings(annotations: Record<string, string>, key: string, notes: string) {
  const why = 'non-functional in v1.27+; use the "seccompProfile" field instead';
  return annotations[key] === undefined ? [] : [`${notes}[${key}]: ${why}`];
}

function containerWarnings(
  { container, path }: PlacedContainer,
  annotations: Record<string, string>,
  notes: string,
  spec: PodSpec,
): string[] {
  const { name, resources = {}, securityContext: own = {} } = container;
  const profile = own.appArmorProfile ?? spec.securityContext?.appArmorProfile;
  const key = APP_ARMOR + name;
  const isOldWay =
    notes !== "metadata.annotations" && profile === undefined && annotations[key] !== undefined;
  const why = 'deprecated since v1.30; use the "appArmorProfile" field instead';
  return [
    ...(own.seccompProfile ? [] : seccompWarnings(annotations, SECCOMP_CONTAINER + name, notes)),
    ...(isOldWay ? [`${notes}[${key}]: ${why}`] : []),
    ...["memory", "ephemeral-storage"].flatMap((resource) =>
      (["limits", "requests"] as const).flatMap((list) =>
        fractionWarnings(resources[list], `${path}.resources.${list}`, [resource]),
      ),
    ),
    ...envWarnings(container, path),
  ];
}

/** A variable may be made from its former self, but not be it and not do without it. */
function envWarnings({ env = [] }: Container, path: string): string[] {
  const isBuiltOn = ({ name, value = "", valueFrom }: EnvVar) =>
    valueFrom === undefined && value !== `$(${name})` && value.includes(`$(${name})`);
  return repeated(env.map(({ name }) => name))
    .filter(([index]) => !isBuiltOn(env[index]!))
    .map(
      ([index, name]) =>
        `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`,
    );
}

function graceWarnings(seconds: number | undefined, path: string): string[] {
  if (seconds === undefined || seconds >= 0) return [];
  const must = "must be >= 0; negative values are invalid and will be treated as 1";
  return [`${path}.terminationGracePeriodSeconds: ${must}`];
}

function affinityWarnings(affinity: Affinity | undefined, path: string): string[] {
  const ofOne = (one: PodAffinity | undefined, at: string) => [
    ...(one?.[REQUIRED] ?? []).flatMap(({ labelSelector }, index) =>
      nullSelectorWarnings(labelSelector, `${at}.${REQUIRED}[${index}]`),
    ),
    ...(one?.[PREFERRED] ?? []).flatMap(({ podAffinityTerm }, index) =>
      nullSelectorWarnings(
        podAffinityTerm?.labelSelector,
        `${at}.${PREFERRED}[${index}].podAffinityTerm`,
      ),
    ),
  ];
  return [
    ...ofOne(affinity?.podAffinity, `${path}.podAffinity`),
    ...ofOne(affinity?.podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

function repeatWarnings(values: string[], field: string, path: string): string[] {
  return repeated(values).map(
    ([index, value]) => `${path}[${index}].${field}: duplicate ${field} ${JSON.stringify(value)}`,
  );
}

/** What was there before, and where it is again. */
function repeated(values: string[]): [index: number, value: string][] {
  return values
    .map((value, index): [number, string] => [index, value])
    .filter(([index, value]) => values.indexOf(value) < index);
}

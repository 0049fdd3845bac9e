/**
 * What is accepted of a pod although it is unwise: said in a `Warning:` header, which kubectl prints.
 *
 * In Kubernetes: pkg/api/pod/warnings.go; differs: says nothing of annotations and volume types that
 * were retired.
 */
import type { Container, ContainerPort, EnvVar, PodSpec } from "kubernetes-types/core/v1.js";

/** Labels of nodes that have a newer name. */
const RENAMED_LABELS: Record<string, [since: string, instead: string]> = {
  "beta.kubernetes.io/arch": ["v1.14", "kubernetes.io/arch"],
  "beta.kubernetes.io/os": ["v1.14", "kubernetes.io/os"],
  "failure-domain.beta.kubernetes.io/region": ["v1.17", "topology.kubernetes.io/region"],
  "failure-domain.beta.kubernetes.io/zone": ["v1.17", "topology.kubernetes.io/zone"],
  "beta.kubernetes.io/instance-type": ["v1.17", "node.kubernetes.io/instance-type"],
};

export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const placed = (["initContainers", "containers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({
      container,
      path: `${path}.${list}[${index}]`,
    })),
  );
  return [
    ...nodeSelectorWarnings(spec, `${path}.nodeSelector`),
    ...hostAliasWarnings(spec, `${path}.hostAliases`),
    ...placed.flatMap(({ container, path: at }) => envWarnings(container, at)),
    ...portWarnings(
      placed.flatMap(({ container, path: at }) =>
        (container.ports ?? []).map((port, index) => ({ path: `${at}.ports[${index}]`, port })),
      ),
    ),
    ...graceWarnings(spec.terminationGracePeriodSeconds, path),
  ];
}

function nodeSelectorWarnings({ nodeSelector = {} }: PodSpec, path: string): string[] {
  return Object.keys(nodeSelector).flatMap((key) => {
    const [since, instead] = RENAMED_LABELS[key] ?? [];
    if (since === undefined) return [];
    return [`${path}[${key}]: deprecated since ${since}; use "${instead}" instead`];
  });
}

function hostAliasWarnings({ hostAliases = [] }: PodSpec, path: string): string[] {
  return repeated(hostAliases.map(({ ip }) => ip ?? "")).map(
    ([index, ip]) => `${path}[${index}].ip: duplicate ip "${ip}"`,
  );
}

/** All containers share one network, so a port of one is a port of all. */
interface PlacedPort {
  path: string;
  port: ContainerPort;
}

function portWarnings(ports: PlacedPort[]): string[] {
  return ports.flatMap(({ path, port }, index) =>
    ports.slice(0, index).flatMap((other) => {
      const clash = clashOf(port, other.port);
      return clash === undefined ? [] : [`${path}: ${clash} port definition with ${other.path}`];
    }),
  );
}

function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  if (port.containerPort !== other.containerPort || port.protocol !== other.protocol) return;
  const [ip, otherIp] = [port.hostIP ?? "", other.hostIP ?? ""];
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && host === otherHost) return "duplicate";
  const isEverywhere = host === otherHost && (ip === "") !== (otherIp === "");
  return host === 0 || otherHost === 0 || isEverywhere ? "overlapping" : undefined;
}

/** A variable may be made from its former self, but not be it and not do without it. */
function envWarnings({ env = [] }: Container, path: string): string[] {
  const repeats = repeated(env.map(({ name }) => name));
  const isBuiltOn = ({ name, value = "", valueFrom }: EnvVar) =>
    valueFrom === undefined && value !== `$(${name})` && value.includes(`$(${name})`);
  return repeats
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

/** What was there before, and where it is again. */
function repeated(values: string[]): [index: number, value: string][] {
  return values
    .map((value, index): [number, string] => [index, value])
    .filter(([index, value]) => values.indexOf(value) < index);
}

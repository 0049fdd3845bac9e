/**
 * Ports of a pod that get in each other's way: all its containers share one network, so a port of one is a port
 * of all.
 *
 * In Kubernetes: warningsForPodSpecAndMeta in pkg/api/pod/warnings.go
 */
import type { ContainerPort } from "kubernetes-types/core/v1.js";
import type { PlacedContainer } from "./pod-annotations-validation.ts";

export function portWarnings(containers: PlacedContainer[]): string[] {
  const ports = containers.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, index) => ({ path: `${path}.ports[${index}]`, port })),
  );
  return ports.flatMap(({ path, port }, index) => [
    ...addressWarnings(port, path),
    ...ports.slice(0, index).flatMap((other) => {
      const clash = clashOf(port, other.port);
      return clash === undefined ? [] : [`${path}: ${clash} port definition with ${other.path}`];
    }),
  ]);
}

/** An address of the host, but no port there. */
function addressWarnings(port: ContainerPort, path: string): string[] {
  const { name = "", hostPort = 0, containerPort, protocol = "", hostIP = "" } = port;
  if (hostIP === "" || hostPort !== 0) return [];
  const shown = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
  return [`${path}: hostIP set without hostPort: ${shown}`];
}

function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  if (port.containerPort !== other.containerPort || port.protocol !== other.protocol) return;
  const [ip, otherIp] = [port.hostIP ?? "", other.hostIP ?? ""];
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && host === otherHost) return "duplicate";
  if (host === 0 || otherHost === 0) return "overlapping";
  const isOneEverywhere = (ip === "") !== (otherIp === "");
  return host === otherHost && isOneEverywhere ? "dangerously ambiguous" : undefined;
}

/** A port that is named by number or by the name a container has given it. */
import type { Container } from "kubernetes-types/core/v1.js";

/** Throws when there is no such port. In Kubernetes: ResolveContainerPort in pkg/kubelet/util. */
export function portOf(port: number | string, { ports = [] }: Container): number {
  const found =
    typeof port === "number"
      ? port
      : (ports.find(({ name }) => name === port)?.containerPort ?? Number(port));
  if (Number.isInteger(found) && found > 0 && found < 65_536) return found;
  throw new Error(`couldn't find port: "${port}"`);
}

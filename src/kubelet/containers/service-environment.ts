/**
 * Environment variables that tell a container of the services there were when it was started:
 * REDIS_SERVICE_HOST, REDIS_SERVICE_PORT and the older Docker link form.
 *
 * In Kubernetes: pkg/kubelet/envvars/envvars.go
 */
import type { Service } from "../../api/service.ts";

const MASTER_SERVICE = "kubernetes";

/** The variables for a pod in `namespace`; without links only those of the API server's service. */
export function serviceEnvironment(
  services: Service[],
  namespace: string,
  withLinks: boolean,
): Map<string, string> {
  const visible = services.filter(({ metadata, spec }) => {
    if (!spec?.clusterIP || spec.clusterIP === "None") return false;
    if (metadata.namespace === "default" && metadata.name === MASTER_SERVICE) return true;
    return withLinks && metadata.namespace === namespace;
  });
  // A service of the pod's own namespace wins over the one in default.
  const sorted = visible.toSorted((a, b) => rank(a, namespace) - rank(b, namespace));
  return new Map(sorted.flatMap(variablesOf));
}

function rank({ metadata }: Service, namespace: string): number {
  return metadata.namespace === namespace ? 1 : 0;
}

function variablesOf({ metadata, spec }: Service): [string, string][] {
  const { clusterIP = "", ports = [] } = spec ?? {};
  const name = metadata.name.toUpperCase().replaceAll("-", "_");
  const first = ports[0];
  if (first === undefined) return [];
  const host = clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP;
  const named = ports.flatMap(({ name: portName, port }): [string, string][] => {
    if (!portName) return [];
    return [[`${name}_SERVICE_PORT_${portName.toUpperCase().replaceAll("-", "_")}`, `${port}`]];
  });
  const links = ports.flatMap(({ port, protocol = "TCP" }, index): [string, string][] => {
    const prefix = `${name}_PORT_${port}_${protocol}`;
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    return [
      ...(index === 0 ? ([[`${name}_PORT`, url]] as [string, string][]) : []),
      [prefix, url],
      [`${prefix}_PROTO`, protocol.toLowerCase()],
      [`${prefix}_PORT`, `${port}`],
      [`${prefix}_ADDR`, clusterIP],
    ];
  });
  return [
    [`${name}_SERVICE_HOST`, clusterIP],
    [`${name}_SERVICE_PORT`, `${first.port}`],
    ...named,
    ...links,
  ];
}

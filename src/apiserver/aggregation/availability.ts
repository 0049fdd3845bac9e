/**
 * Whether the server behind an APIService answers: its service and endpoints are looked at, then it is asked
 * for what it serves.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/controllers/status/available_controller.go
 */
import type { APIService, ApiServiceCondition } from "../../api/apiregistration/api-service.ts";
import { Endpoints } from "../../api/endpoints.ts";
import { type Kind, storageKey } from "../../api/kind.ts";
import { Service } from "../../api/service.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { RemoteServer } from "./remote-server.ts";

type Verdict = Pick<ApiServiceCondition, "status" | "reason" | "message">;

const CHECK_TIMEOUT_MS = 5_000;

export async function availabilityOf(
  { spec }: APIService,
  remote: RemoteServer,
  cache: WatchCache,
): Promise<Verdict> {
  const wrong = serviceFault(spec, cache);
  if (wrong !== undefined) return wrong;
  const path = `/apis/${spec.group}/${spec.version}`;
  const url = remote.urlOf(path);
  try {
    const { status } = await remote.read(path, CHECK_TIMEOUT_MS);
    if (status >= 200 && status < 300) {
      return { status: "True", reason: "Passed", message: "all checks passed" };
    }
    return failing(`bad status from ${url}: ${status}`, url);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failing(`Get ${JSON.stringify(url)}: ${error.message}`, url);
  }
}

function failing(why: string, url: string): Verdict {
  const message = `failing or missing response from ${url}: ${why}`;
  return { status: "False", reason: "FailedDiscoveryCheck", message };
}

function serviceFault({ service }: APIService["spec"], cache: WatchCache): Verdict | undefined {
  const { namespace = "", name = "", port = 443 } = service!;
  const where = `service/${name} in "${namespace}"`;
  const read = <T>(kind: unknown) =>
    cache.find(storageKey(kind as Kind, namespace, name))?.object as T | undefined;
  const found = read<Service>(Service);
  const no = (reason: string, message: string) => ({ status: "False", reason, message });
  if (found === undefined) return no("ServiceNotFound", `${where} is not present`);
  if (found.spec.type === "ExternalName") return undefined;
  const asked = found.spec.ports?.find((one) => one.port === port);
  if (asked === undefined) {
    return no("ServicePortError", `${where} is not listening on port ${port}`);
  }
  if (found.spec.selector === undefined && read<Endpoints>(Endpoints) === undefined)
    return undefined;
  const endpoints = read<Endpoints>(Endpoints);
  if (endpoints === undefined) {
    return no("EndpointsNotFound", `cannot find endpoints for ${where}`);
  }
  const portName = asked.name ?? "";
  const isServed = (endpoints.subsets ?? []).some(
    ({ addresses = [], ports = [] }) =>
      addresses.length > 0 && ports.some((one) => (one.name ?? "") === portName),
  );
  if (isServed) return undefined;
  return no(
    "MissingEndpoints",
    `endpoints for ${where} have no addresses with port name "${portName}"`,
  );
}

/**
 * The way from the API server to a service of the cluster: to one of its endpoints, or, where it has none of
 * its own, to its address.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/util/proxy/proxy.go (ResolveEndpoint, ResolveCluster).
 */
import { Endpoints } from "../../api/endpoints.ts";
import { isNotFound, serviceUnavailable } from "../../api/errors.ts";
import { Service } from "../../api/service.ts";
import type { Random } from "../../component/random.ts";
import type { Dial } from "../backend.ts";
import type { Registry } from "../registry.ts";
import type { WebhookDialer } from "./webhook-call.ts";

export interface ServiceDialerOptions {
  registry: Registry;
  random: Random;
  dial: Dial;
}

export function serviceDialer(options: ServiceDialerOptions): WebhookDialer["dialService"] {
  const { registry, random, dial } = options;
  return async (namespace, name, port) => {
    const service = (await registry.get(Service, namespace, name)) as Service;
    const asked = service.spec.ports?.find((one) => one.port === port);
    if (asked === undefined) {
      throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    }
    const choices = await addressesOf(registry, namespace, name, asked.name ?? "");
    const choice = choices[Math.floor(random.next() * choices.length)];
    if (choice !== undefined) return dial(choice.ip, choice.port);
    const { selector, clusterIP = "" } = service.spec;
    if (selector === undefined && clusterIP !== "" && clusterIP !== "None") {
      return dial(clusterIP, port);
    }
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  };
}

async function addressesOf(registry: Registry, namespace: string, name: string, portName: string) {
  try {
    const { subsets = [] } = (await registry.get(Endpoints, namespace, name)) as Endpoints;
    return subsets.flatMap(({ addresses = [], ports = [] }) =>
      ports
        .filter((port) => (port.name ?? "") === portName)
        .flatMap(({ port }) => addresses.map(({ ip }) => ({ ip, port }))),
    );
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

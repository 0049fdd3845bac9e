/**
 * What stands behind a proxy path or a stream: the kubelet of a node, a port of a pod, an endpoint of a
 * service; and the path there.
 *
 * In Kubernetes: ResourceLocation and the Connecters in pkg/registry/core/{pod,service,node}
 */
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { Endpoints } from "../api/endpoints.ts";
import { ApiError, badRequest, serviceUnavailable } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import { containerOf, nodeOf, podOf } from "./pod-target.ts";
import { isSet, type RequestInfo } from "./request-info.ts";
import type { SubresourceOptions } from "./subresources.ts";

/** Opens a stream to an address in the cluster. */
export type Dial = (host: string, port: number) => Promise<Duplex>;

export interface Backend {
  open(): Promise<Duplex>;
  path: string;
  /** What it is to be told in place of what the client said. Default: that, without its credentials. */
  headers?: Readonly<Record<string, string | string[]>>;
}

export const dialTcp: Dial = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.off("error", refuse);
      resolve(socket);
    });
    const refuse = (error: Error) =>
      reject(serviceUnavailable(`error trying to reach service: ${error.message}`));
    socket.once("error", refuse);
  });

/** exec and attach say which streams they want in the words of the kubelet. */
const STREAMS: [asked: string, passed: string][] = [
  ["stdin", "input"],
  ["stdout", "output"],
  ["stderr", "error"],
  ["tty", "tty"],
];

export async function streamBackend(
  info: RequestInfo,
  { registry, connectToKubelet }: SubresourceOptions,
): Promise<Backend> {
  const pod = await podOf(registry, info);
  const { namespace, name, subresource, query } = info;
  const passed = new URLSearchParams();
  let end = "";
  if (subresource === "portforward") {
    for (const port of query.getAll("ports")) passed.append("port", port);
  } else {
    end = `/${containerOf(pod, query.get("container") ?? "")}`;
    for (const [asked, name] of STREAMS) if (isSet(query, asked)) passed.set(name, "1");
    for (const command of query.getAll("command")) passed.append("command", command);
  }
  const node = await nodeOf(registry, pod);
  const verb = subresource === "portforward" ? "portForward" : subresource;
  const path = `/${verb}/${namespace}/${name}${end}?${passed}`;
  return { path, open: () => connectToKubelet(node) };
}

export async function proxyBackend(
  info: RequestInfo,
  options: SubresourceOptions,
): Promise<Backend> {
  const { registry, connectToKubelet, dial } = options;
  const path = (info.rest || "/") + (info.query.size > 0 ? `?${info.query}` : "");
  const { name, port } = splitName(info.name);
  if (info.resource === "nodes") {
    const node = (await registry.get(Node, "", name)) as Node;
    return { path, open: () => connectToKubelet(node) };
  }
  if (info.resource === "pods") {
    const pod = (await registry.get(Pod, info.namespace, name)) as Pod;
    const { podIP } = pod.status ?? {};
    if (!podIP) throw badRequest("address not allowed");
    const first = pod.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
    return { path, open: () => dial(podIP, Number(port) || (first ?? 80)) };
  }
  const { host, port: to } = await endpointOf(info.namespace, name, port, options);
  return { path, open: () => dial(host, to) };
}

/** "web", "web:80", "http:web:80": the scheme is not looked at. */
function splitName(text: string): { name: string; port: string } {
  const parts = text.split(":");
  if (parts.length === 1) return { name: text, port: "" };
  if (parts.length === 2) return { name: parts[0]!, port: parts[1]! };
  if (parts.length === 3) return { name: parts[1]!, port: parts[2]! };
  throw badRequest(`invalid service request ${JSON.stringify(text)}`);
}

/** A ready address behind a service, taken by chance. */
async function endpointOf(
  namespace: string,
  name: string,
  wanted: string,
  { registry, random }: SubresourceOptions,
) {
  const service = (await registry.get(Service, namespace, name)) as Service;
  const ports = service.spec.ports ?? [];
  const servicePort = ports.find((port) => port.name === wanted || String(port.port) === wanted);
  const chosen = wanted === "" && ports.length === 1 ? ports[0] : servicePort;
  const missing = serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  if (chosen === undefined) {
    throw new ApiError(
      503,
      "ServiceUnavailable",
      `no service port ${JSON.stringify(wanted)} found for service ${JSON.stringify(name)}`,
    );
  }
  const { subsets = [] } = (await registry.get(Endpoints, namespace, name)) as Endpoints;
  const choices = subsets.flatMap(({ addresses = [], ports: open = [] }) =>
    open
      .filter((port) => (port.name ?? "") === (chosen.name ?? ""))
      .flatMap(({ port }) => addresses.map(({ ip }) => ({ host: ip, port }))),
  );
  const choice = choices[Math.floor(random.next() * choices.length)];
  if (choice === undefined) throw missing;
  return choice;
}

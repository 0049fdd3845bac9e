/**
 * CONNECT: what webhooks and policies are asked before somebody is connected to a pod, a service or a node. The
 * object they see says how: PodExecOptions and the like, made of the query.
 *
 * In Kubernetes: ConnectResource in staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go
 */
import type { KubeObject } from "../../api/kind.ts";
import type { User } from "../authenticate.ts";
import { isSet, type RequestInfo } from "../request-info.ts";
import type { Resources } from "../resources.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

/** Throws where the connection is not to be. */
export type AdmitConnection = (
  info: RequestInfo,
  user: User,
  told: Pick<AdmissionRequest, "warn" | "annotate">,
) => Promise<void>;

type Options = KubeObject & Record<string, unknown>;

const OPTIONS: Record<string, string> = {
  "pods/exec": "PodExecOptions",
  "pods/attach": "PodAttachOptions",
  "pods/portforward": "PodPortForwardOptions",
  "pods/proxy": "PodProxyOptions",
  "services/proxy": "ServiceProxyOptions",
  "nodes/proxy": "NodeProxyOptions",
};

export function admitConnections(
  plugins: readonly AdmissionPlugin[],
  resources: Resources,
): AdmitConnection {
  const asked = plugins.filter(({ takesConnections }) => takesConnections);
  return async (info, user, told) => {
    const kind = resources.of(info);
    const object = optionsOf(info);
    if (kind === undefined || object === undefined) return;
    const { namespace, name, subresource } = info;
    const objectKind = { group: "", version: "v1", kind: object.kind };
    const request: AdmissionRequest = {
      ...{ verb: "connect", kind, namespace, name, subresource, object, objectKind, user, ...told },
      isDryRun: false,
      onFailure: () => undefined,
    };
    for (const plugin of asked) await plugin.admit(request);
    for (const plugin of asked) await plugin.validate?.(request);
  };
}

function optionsOf({ resource, subresource, query, rest }: RequestInfo): Options | undefined {
  const what = `${resource}/${subresource}`;
  const kind = OPTIONS[what];
  if (kind === undefined) return undefined;
  const options = { kind, apiVersion: "v1" } as Options;
  if (subresource === "proxy") return rest ? Object.assign(options, { path: rest }) : options;
  if (subresource === "portforward") {
    const ports = query.getAll("ports").flatMap((text) => text.split(",").map(Number));
    return ports.length > 0 ? Object.assign(options, { ports }) : options;
  }
  for (const field of ["stdin", "stdout", "stderr", "tty"]) {
    if (isSet(query, field)) options[field] = true;
  }
  const container = query.get("container");
  if (container) options.container = container;
  if (subresource === "exec") options.command = query.getAll("command");
  return options;
}

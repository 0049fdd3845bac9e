/** A SmallServer that knows what the scheduler asks of it: bindings and pod conditions. */
import type { Pod } from "../../src/api/pod.ts";
import type { ApiRequest, ApiResponse } from "../../src/client/transport.ts";
import { SmallServer } from "../client/small-server.ts";

const PODS = "/api/v1/namespaces/default/pods";

export class BindingServer extends SmallServer {
  /** Asked before a binding is carried out: what to answer in its place. */
  refuse: ((pod: Pod) => ApiResponse | undefined) | undefined;
  /** "web-1 -> node1", in their order. */
  readonly bindings: string[] = [];

  constructor() {
    super();
    this.fault = (request) => this.#bind(request) ?? this.#setCondition(request);
  }

  pod(name: string): Pod | undefined {
    const pods = this.objects().filter((obj) => obj.kind === "Pod") as Pod[];
    return pods.find(({ metadata }) => metadata.name === name);
  }

  pods(): Pod[] {
    return this.objects().filter((obj) => obj.kind === "Pod") as Pod[];
  }

  /** The messages of all events about an object, with their reasons. */
  eventsOf(name: string): string[] {
    const events = this.objects().filter((obj) => obj.kind === "Event") as unknown as {
      reason: string;
      message: string;
      type: string;
      involvedObject: { name: string };
    }[];
    return events
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  }

  #bind({ method, path, body }: ApiRequest): ApiResponse | undefined {
    const name = /\/pods\/([^/]+)\/binding$/.exec(path)?.[1];
    if (method !== "POST" || name === undefined) return undefined;
    const { target, metadata } = JSON.parse(Buffer.from(body!).toString());
    const pod = this.pod(name);
    if (!pod || pod.metadata.uid !== metadata.uid) return status(404, "NotFound", "gone");
    const refusal = this.refuse?.(pod);
    if (refusal) return refusal;
    if (this.pod(name)?.spec.nodeName)
      return status(409, "Conflict", `${name} is already assigned to a node`);
    this.bindings.push(`${name} -> ${target.name}`);
    this.put(`${PODS}/${name}`, { ...pod, spec: { ...pod.spec, nodeName: target.name } });
    return status(201, "", "");
  }

  #setCondition({ method, path, body }: ApiRequest): ApiResponse | undefined {
    const name = /\/pods\/([^/]+)\/status$/.exec(path)?.[1];
    if (method !== "PATCH" || name === undefined) return undefined;
    const pod = this.pod(name);
    if (!pod) return status(404, "NotFound", "gone");
    const { conditions } = JSON.parse(Buffer.from(body!).toString()).status;
    const changed = this.put(`${PODS}/${name}`, { ...pod, status: { ...pod.status, conditions } });
    return answer(200, changed);
  }
}

export function status(code: number, reason: string, message: string): ApiResponse {
  return answer(code, { kind: "Status", code, reason, message });
}

function answer(code: number, body: unknown): ApiResponse {
  const chunks = [Buffer.from(JSON.stringify(body))];
  return { status: code, headers: {}, body: { type: "bytes", chunks } };
}

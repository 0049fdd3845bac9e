/**
 * The kubelet's HTTP server: logs, exec, attach, port-forward, stats, health. The server itself is a
 * plain node:http Server, so that connections can be handed to it that are no sockets.
 *
 * In Kubernetes: pkg/kubelet/server/server.go
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import type { Kubelet } from "../kubelet.ts";
import { servePortForward } from "../streaming/port-forward.ts";
import { serveSession } from "../streaming/remote-command.ts";
import { type Session, wishesOf } from "../streaming/session.ts";
import { spdySession } from "../streaming/spdy-session.ts";
import { asksForSpdy, asksForWebSocket, refuse, type Upgrade } from "../streaming/upgrade.ts";
import { webSocketSession } from "../streaming/websocket.ts";
import { serveContainerLogs } from "./container-logs.ts";
import { podFor, RequestError, runningContainer, sandboxFor } from "./container-target.ts";
import { metricsText } from "./metrics.ts";
import { statsSummary } from "./stats-summary.ts";

interface Asked {
  /** What stands in the path behind the endpoint: namespace, pod, container. */
  parts: string[];
  query: URLSearchParams;
  response: ServerResponse;
}

type Endpoint = (kubelet: Kubelet, asked: Asked) => Promise<void> | void;

/** By the first part of the path; the longer name wins. */
const ENDPOINTS: Record<string, Endpoint> = {
  containerLogs: (kubelet, { parts, query, response }) =>
    serveContainerLogs(kubelet, parts, query, response),
  healthz: (kubelet, { parts, response }) => serveHealth(kubelet, parts[0] ?? "", response),
  metrics: async (kubelet, { response }) => sendText(response, await metricsText(kubelet)),
  pods: (kubelet, { response }) => sendJson(response, podList(kubelet)),
  run: serveRun,
  runningpods: (kubelet, { response }) => sendJson(response, runningPods(kubelet)),
  spec: (kubelet, { response }) => sendJson(response, machineSpec(kubelet)),
  stats: async (kubelet, { parts, response }) => {
    if (parts[0] !== "summary") throw new RequestError(404, "404 page not found");
    sendJson(response, await statsSummary(kubelet));
  },
};

export function createKubeletServer(kubelet: Kubelet): Server {
  const server = createServer((request, response) => void serve(kubelet, request, response));
  server.on("upgrade", (request, socket, head) => {
    void serveUpgrade(kubelet, { request, socket, head });
  });
  kubelet.context.signal.addEventListener("abort", () => server.closeAllConnections(), {
    once: true,
  });
  return server;
}

/** Only what reads: no exec, no logs. */
export function createReadOnlyServer(kubelet: Kubelet): Server {
  return createServer((request, response) => {
    if (READ_ONLY.has(pathOf(request).name)) void serve(kubelet, request, response);
    else response.writeHead(404).end("404 page not found\n");
  });
}

const READ_ONLY = new Set(["healthz", "metrics", "pods", "spec", "stats"]);

async function serve(
  kubelet: Kubelet,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { name, parts, query } = pathOf(request);
  try {
    if (STREAMS.has(name)) throw new RequestError(400, "Upgrade request required");
    const endpoint = Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
    if (endpoint === undefined) throw new RequestError(404, "404 page not found");
    await endpoint(kubelet, { parts, query, response });
  } catch (error) {
    const code = error instanceof RequestError ? error.code : 500;
    if (code === 500) kubelet.context.log.error("Request failed", error, { path: request.url });
    if (response.headersSent) return void response.destroy();
    response.writeHead(code, { "content-type": "text/plain; charset=utf-8" });
    response.end(`${(error as Error).message}\n`);
  }
}

const STREAMS = new Set(["exec", "attach", "portForward"]);

async function serveUpgrade(kubelet: Kubelet, upgrade: Upgrade): Promise<void> {
  const { name, parts, query } = pathOf(upgrade.request);
  const { socket } = upgrade;
  socket.on("error", () => socket.destroy());
  try {
    if (!STREAMS.has(name)) throw new RequestError(404, "404 page not found");
    if (name === "portForward") await portForward(kubelet, parts, upgrade);
    else await session(kubelet, name, parts, query, upgrade);
  } catch (error) {
    const code = error instanceof RequestError ? error.code : 500;
    if (code === 500) kubelet.context.log.error("Stream failed", error, { path: name });
    refuse(socket, code, (error as Error).message);
  }
}

/** exec and attach: /exec/<namespace>/<pod>/[<uid>/]<container> */
async function session(
  kubelet: Kubelet,
  name: string,
  parts: string[],
  query: URLSearchParams,
  upgrade: Upgrade,
): Promise<void> {
  const [namespace = "", podName = "", ...rest] = parts;
  const uid = rest.length > 1 ? rest[0] : "";
  const pod = podFor(kubelet, namespace, podName, uid);
  const { id } = runningContainer(kubelet, pod, rest.at(-1) ?? "");
  const wishes = wishesOf(query);
  if (!wishes.stdin && !wishes.stdout && !wishes.stderr) {
    throw new RequestError(400, "you must specify at least 1 of stdin, stdout, stderr");
  }
  const opened = await openSession(kubelet, upgrade, wishes);
  if (opened === undefined) return;
  const { runtime } = kubelet.options;
  await serveSession(opened, async (streams) => {
    if (name === "exec") return runtime.exec(id, query.getAll("command"), streams);
    await runtime.attach(id, streams);
    return 0;
  });
}

async function openSession(
  { context }: Kubelet,
  upgrade: Upgrade,
  wishes: ReturnType<typeof wishesOf>,
): Promise<Session | undefined> {
  if (asksForWebSocket(upgrade.request)) return webSocketSession(upgrade, wishes);
  if (asksForSpdy(upgrade.request)) return spdySession(upgrade, wishes, context.clock);
  throw new RequestError(400, "unable to upgrade: missing upgrade headers in request");
}

async function portForward(kubelet: Kubelet, parts: string[], upgrade: Upgrade): Promise<void> {
  const [namespace = "", podName = "", uid = ""] = parts;
  const pod = podFor(kubelet, namespace, podName, uid);
  const { id } = sandboxFor(kubelet, pod);
  const about = `${podName}_${namespace}, uid ${pod.metadata.uid}`;
  await servePortForward(upgrade, about, (port) => kubelet.options.runtime.portForward(id, port));
}

/** POST /run/<namespace>/<pod>/[<uid>/]<container>?cmd=... */
async function serveRun(kubelet: Kubelet, { parts, query, response }: Asked): Promise<void> {
  const [namespace = "", podName = "", ...rest] = parts;
  const uid = rest.length > 1 ? rest[0] : "";
  const pod = podFor(kubelet, namespace, podName, uid);
  const { id } = runningContainer(kubelet, pod, rest.at(-1) ?? "");
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const output = new PassThrough();
  output.pipe(response, { end: false });
  const command = (query.get("cmd") ?? "").split(" ").filter((word) => word !== "");
  const streams = { stdout: output, stderr: output, tty: false, signal: gone.signal };
  const code = await kubelet.options.runtime.exec(id, command, streams);
  output.unpipe(response);
  const rest1 = output.read() as Buffer | null;
  if (rest1) response.write(rest1);
  response.end(code === 0 ? "" : `\ncommand '${command.join(" ")}' exited with ${code}\n`);
}

function serveHealth(kubelet: Kubelet, check: string, response: ServerResponse): void {
  if (check !== "ping") {
    try {
      kubelet.pleg.checkHealthy();
    } catch (error) {
      throw new RequestError(500, `[-]pleg failed: ${(error as Error).message}`);
    }
  }
  sendText(response, "ok");
}

function podList({ pods }: Kubelet): object {
  const items = pods.list().map((pod) => pods.withStatus(pod));
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
}

/** As the runtime knows them. */
function runningPods({ pleg }: Kubelet): object {
  const items = pleg.uids().flatMap((uid) => {
    const state = pleg.get(uid);
    const running = state?.containers.filter((container) => container.state === "running") ?? [];
    if (state === undefined || running.length === 0) return [];
    const containers = running.map(({ name, image }) => ({ name, image, resources: {} }));
    return [{ metadata: { ...state.pod }, spec: { containers }, status: {} }];
  });
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
}

function machineSpec({ options: { machine } }: Kubelet): object {
  return {
    num_cores: machine.cpuCount,
    memory_capacity: machine.memoryBytes,
    machine_id: machine.info.machineID,
    system_uuid: machine.info.systemUUID,
    boot_id: machine.info.bootID,
  };
}

function pathOf({ url = "/" }: IncomingMessage) {
  const { pathname, searchParams } = new URL(url, "http://kubelet");
  const [name = "", ...parts] = pathname.split("/").filter((part) => part !== "");
  return { name, parts: parts.map(decodeURIComponent), query: searchParams };
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendText(response: ServerResponse, body: string): void {
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.end(body);
}

/**
 * How the units of a host of the lab are started, stopped and asked about while it runs: boot.ts listens
 * on a socket in the host, and `systemctl` in the host speaks to it.
 *
 * In Kubernetes: not there.
 */
import { once } from "node:events";
import { createServer, request, type Server, type ServerResponse } from "node:http";
import type { Service } from "./service.ts";

/** In the host. */
export const CONTROL_SOCKET = "/run/kubeling/control.sock";

export type UnitAction = "start" | "stop" | "restart" | "status";

/** What systemctl prints, and the code it leaves with. */
export interface UnitAnswer {
  code: number;
  text: string;
}

const ACTIONS: Record<UnitAction, (service: Service) => Promise<void>> = {
  status: async () => undefined,
  start: (service) => service.start(),
  stop: (service) => service.stop(),
  restart: async (service) => {
    await service.stop();
    await service.start();
  },
};

/** POST /restart/kubelet.service */
export async function serveControl(
  services: readonly Service[],
  path = CONTROL_SOCKET,
): Promise<Server> {
  const server = createServer((asked, response) => {
    const [, action = "", name = ""] = (asked.url ?? "").split("/");
    answer(services, action as UnitAction, name).then(
      (said) => send(response, 200, said),
      (error: Error) => send(response, 500, { code: 1, text: `${error.stack}\n` }),
    );
  });
  server.listen(path);
  await once(server, "listening");
  return server;
}

async function answer(
  services: readonly Service[],
  action: UnitAction,
  name: string,
): Promise<UnitAnswer> {
  const service = services.find(({ unit }) => unit.name === name);
  if (service === undefined) return notLoaded(action, name);
  await ACTIONS[action](service);
  const { state, pid } = service.status;
  if (action !== "status") {
    const hasFailed = action !== "stop" && state === "failed";
    return hasFailed
      ? { code: 1, text: `Job for ${name} failed: see /var/log/kubeling.\n` }
      : { code: 0, text: "" };
  }
  const process = pid === undefined ? "" : `   Main PID: ${pid}\n`;
  const text = `${name} - ${service.unit.description}\n     Active: ${state}\n${process}`;
  return { code: state === "active" ? 0 : 3, text };
}

/** The words and the codes of systemctl. */
function notLoaded(action: UnitAction, name: string): UnitAnswer {
  if (action === "status") return { code: 4, text: `Unit ${name} could not be found.\n` };
  return { code: 5, text: `Failed to ${action} ${name}: Unit ${name} not loaded.\n` };
}

function send(response: ServerResponse, status: number, said: UnitAnswer): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
}

/** From within the host. */
export async function askControl(
  action: UnitAction,
  name: string,
  path = CONTROL_SOCKET,
): Promise<UnitAnswer> {
  const asked = request({ socketPath: path, path: `/${action}/${name}`, method: "POST" });
  asked.end();
  const [response] = await once(asked, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}

/**
 * A connection to a port inside a sandbox, at its own 127.0.0.1, as Kubernetes makes it: programs that
 * listen on the loopback device only are reached as well.
 *
 * Node cannot change its network namespace, so a child process starts inside the sandbox's
 * (nsenter), connects there, and sends the connected socket back to us: from then on no byte passes
 * through the child, which ends at once.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_streaming.go (portForward)
 * Differs: there nsenter runs socat, which copies the bytes and must be installed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "./containers.ts";
import type { DockerConnection } from "./docker-connection.ts";

/** Paused before it is connected: what the other side says first must not be read here. */
const CONNECT = `
const [port] = process.argv.slice(1);
const hosts = ["127.0.0.1", "::1"];
const failures = [];
function connect() {
  const host = hosts.shift();
  if (!host) return process.send({ failures }, () => process.disconnect());
  const socket = require("net").connect({ host, port, allowHalfOpen: true });
  socket.pause();
  socket.on("error", (error) => { failures.push({ host, code: error.code }); connect(); });
  socket.on("connect", () => {
    process.send({}, socket, { keepOpen: false }, () => process.disconnect());
  });
}
connect();
`;

interface Answer {
  failures?: { host: string; code: string }[];
}

export async function connectInSandbox(
  connection: DockerConnection,
  sandboxId: string,
  port: number,
): Promise<Duplex> {
  const { State } = await inspect(connection, sandboxId);
  if (!State.Running) throw new Error(`container not running (${sandboxId})`);
  const child = spawn(
    "nsenter",
    [`--net=/proc/${State.Pid}/ns/net`, process.execPath, "-e", CONNECT, String(port)],
    { stdio: ["ignore", "ignore", "pipe", "ipc"] },
  );
  const { answer, socket } = await answerOf(child);
  if (socket) return opened(socket);
  throw new Error(wording(sandboxId, port, answer));
}

function answerOf(child: ChildProcess): Promise<{ answer: Answer; socket: Socket | undefined }> {
  return new Promise((resolve, reject) => {
    let complaint = "";
    child.stderr!.on("data", (chunk) => {
      complaint += chunk;
    });
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Error("unable to do port forwarding: nsenter not found")
          : error,
      ),
    );
    child.once("close", (code) =>
      reject(
        new Error(`error executing command "nsenter", exit code: ${code}: ${complaint.trim()}`),
      ),
    );
    child.once("message", (answer, handle) =>
      resolve({ answer: answer as Answer, socket: handle as Socket | undefined }),
    );
  });
}

/** Either side may stop sending and still listen. */
function opened(socket: Socket): Socket {
  socket.allowHalfOpen = true;
  return socket;
}

const FAMILY: Record<string, string> = { "127.0.0.1": "IPv4: dial tcp4", "::1": "IPv6: dial tcp6" };
const CODES: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
};

function wording(sandboxId: string, port: number, { failures = [] }: Answer): string {
  const tried = failures.map(({ host, code }) => {
    const address = host.includes(":") ? `[${host}]` : host;
    return `${FAMILY[host]} ${address}:${port}: ${CODES[code] ?? code}`;
  });
  return `failed to connect to localhost:${port} inside namespace "${sandboxId}", ${tried.join(" ")}`;
}

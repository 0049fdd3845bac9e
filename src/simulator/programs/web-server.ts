/**
 * A simulated web server: serves the files of its container, writes an access log line for each
 * request, and ends well when it is told to.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { posix } from "node:path";
import { type Program, type Surroundings, untilTerminated } from "../process.ts";

const ROOT = "/usr/share/nginx/html";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".txt": "text/plain",
  ".json": "application/json",
};

export function webServer({ name, port }: { name: string; port: number }): Program {
  return (surroundings) => {
    const { write, listen, ports } = surroundings;
    write("stdout", "/docker-entrypoint.sh: Configuration complete; ready for start up\n");
    write("stderr", `${stampOf(surroundings)} [notice] 1#1: ${name}\n`);
    const server = createServer((request, response) =>
      serve(name, request, response, surroundings),
    );
    for (const each of new Set([port, ...ports])) {
      listen(each, (connection) => server.emit("connection", connection));
    }
    return untilTerminated(surroundings).finally(() => server.closeAllConnections());
  };
}

function serve(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { files, write, clock }: Surroundings,
): void {
  const path = posix.join(ROOT, decodeURIComponent((request.url ?? "/").split("?")[0]!));
  const file = files.kindOf(path) === "directory" ? posix.join(path, "index.html") : path;
  const found = files.read(file);
  const status = found === undefined ? 404 : 200;
  const body = found ?? Buffer.from(`<html><head><title>404 Not Found</title></head></html>\n`);
  response.writeHead(status, {
    server: name,
    "content-type": TYPES[posix.extname(file)] ?? "application/octet-stream",
    "content-length": body.length,
  });
  response.end(request.method === "HEAD" ? undefined : body);
  const time = commonLogTime(clock.now());
  const asked = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  const agent = request.headers["user-agent"] ?? "-";
  write(
    "stdout",
    `127.0.0.1 - - [${time}] "${asked}" ${status} ${body.length} "-" "${agent}" "-"\n`,
  );
}

/** 22/Nov/2026:16:55:05 +0000 */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(" ");
  return `${day}/${month}/${year}:${clock} +0000`;
}

function stampOf({ clock }: Surroundings): string {
  return clock.now().toISOString().slice(0, 19).replace("T", " ").replaceAll("-", "/");
}

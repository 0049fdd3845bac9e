/**
 * The process `bench bare-server <file> <plain|tls>`: the least a Node HTTP server can do. A GET is answered
 * with the bytes of the file; a GET with ?watch=1 stays open, and the body of every POST is passed on to it.
 */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./self-signed.ts";

const JSON_HEADERS = { "content-type": "application/json" };

export async function runBareServer([path = "", door]: string[]): Promise<void> {
  const body = readFileSync(path);
  const headers = { ...JSON_HEADERS, "content-length": body.length };
  const watchers = new Set<http.ServerResponse>();
  const answer: http.RequestListener = (req, res) => {
    if (req.method === "POST") return passOn(req, res, watchers);
    if (!req.url!.includes("watch=1")) return void res.writeHead(200, headers).end(body);
    res.writeHead(200, JSON_HEADERS).flushHeaders();
    watchers.add(res);
    res.once("close", () => watchers.delete(res));
  };
  const server =
    door === "tls" ? https.createServer(await selfSigned(), answer) : http.createServer(answer);
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
  });
}

function passOn(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  watchers: Set<http.ServerResponse>,
): void {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const body = Buffer.concat(chunks);
    for (const watcher of watchers) watcher.write(body);
    res.writeHead(201, { ...JSON_HEADERS, "content-length": body.length }).end(body);
  });
}

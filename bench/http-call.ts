/** Single requests, where their number is not what is measured. */
import http from "node:http";
import https from "node:https";
import type { Door } from "./servers.ts";

export interface Target {
  port: number;
  door?: Door;
}

/** Resolves to the body; rejects where the answer is not 2xx. */
export function call(
  to: Target,
  method: string,
  path: string,
  body?: string,
  contentType = "application/json",
): Promise<string> {
  const client = to.door === "tls" ? https : http;
  const options = { host: "127.0.0.1", port: to.port, method, path, rejectUnauthorized: false };
  const headers = body === undefined ? {} : { "content-type": contentType };
  return new Promise((resolve, reject) => {
    const request = client.request({ ...options, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if (response.statusCode! < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 500)}`));
      });
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

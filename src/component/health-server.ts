/**
 * The small server beside every daemon: is it well, how is it doing, how was it set up.
 *
 *   /healthz /livez /readyz   "ok", or which check failed; ?verbose lists all, ?exclude= leaves out
 *   /healthz/etcd             one check alone, with what is wrong
 *   /metrics                  Prometheus
 *   /configz /debug/flags     the flags it runs with
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/healthz, pkg/util/configz
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type Request, type Response } from "express";
import { Registry } from "prom-client";

export interface HealthCheck {
  name: string;
  /** Rejects with what is wrong. */
  check(): Promise<void> | void;
}

export interface HealthAppOptions {
  /** Besides "ping", which always succeeds. */
  checks?: readonly HealthCheck[];
  metrics?: Registry;
  /** What /configz shows, under a name of its own. */
  config?: Readonly<Record<string, unknown>>;
  /** What /debug/flags shows: name -> value. */
  flags?: Readonly<Record<string, unknown>>;
  /** Pages of the daemon's own, by path: what they give back is shown as JSON. */
  pages?: Readonly<Record<string, Page>>;
}

export type Page = (query: URLSearchParams) => unknown;

export interface HealthServerOptions extends HealthAppOptions {
  address: string;
  /** 0: any free port. */
  port: number;
}

export interface HealthServer {
  /** "http://127.0.0.1:10251" */
  readonly url: string;
  stop(): Promise<void>;
}

const PING: HealthCheck = { name: "ping", check: () => undefined };

/** Rejects where the address can't be had (EADDRINUSE, EACCES). */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer(healthApp(options));
  await listen(server, options);
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return { url: `http://${host}:${port}`, stop: () => close(server) };
}

export function healthApp(options: HealthAppOptions): Express {
  const { checks = [], metrics = new Registry(), config = {}, flags = {} } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  for (const path of ["healthz", "livez", "readyz"]) {
    app.get([`/${path}`, `/${path}/`], (request, response) =>
      answerHealth(path, [PING, ...checks], request, response),
    );
    app.get(`/${path}/*check`, (request, response) => {
      const asked = [request.params.check ?? []].flat().join("/");
      const check = [PING, ...checks].find(({ name }) => name === asked);
      return check ? answerCheck(check, response) : notFound(response);
    });
  }
  app.get("/metrics", async (_request, response) => {
    response.set("content-type", metrics.contentType).send(await metrics.metrics());
  });
  app.get("/configz", (_request, response) => void response.json(config));
  app.get("/debug/flags", (_request, response) => {
    const lines = Object.entries(flags).map(([name, value]) => `--${name}=${wordingOf(value)}\n`);
    response.type("text/plain").send(lines.join(""));
  });
  for (const [path, page] of Object.entries(options.pages ?? {})) {
    app.get(path, ({ url }, response) => {
      response.json(page(new URL(url, "http://localhost").searchParams));
    });
  }
  app.use((_request, response) => notFound(response));
  return app;
}

interface Outcome {
  name: string;
  error?: string;
}

async function answerHealth(
  path: string,
  checks: readonly HealthCheck[],
  { query }: Request,
  response: Response,
): Promise<void> {
  const excluded = new Set([query.exclude ?? []].flat().map(String));
  const outcomes = await Promise.all<Outcome>(
    checks.map((one) => (excluded.has(one.name) ? { name: one.name } : outcomeOf(one))),
  );
  const isWell = outcomes.every(({ error }) => error === undefined);
  plain(response, isWell ? 200 : 500);
  if (isWell && query.verbose === undefined) {
    response.send("ok");
    return;
  }
  const lines = outcomes.map(({ name, error }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok\n`;
    return error === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
  });
  response.send(`${lines.join("")}${path} check ${isWell ? "passed" : "failed"}\n`);
}

async function answerCheck(check: HealthCheck, response: Response): Promise<void> {
  const { error } = await outcomeOf(check);
  plain(response, error === undefined ? 200 : 500);
  response.send(error === undefined ? "ok" : `internal server error: ${error}\n`);
}

function plain(response: Response, status: number): void {
  response.status(status).type("text/plain");
  response.set("x-content-type-options", "nosniff").set("cache-control", "no-cache, private");
}

function notFound(response: Response): void {
  response.status(404).type("text/plain").send("404 page not found\n");
}

async function outcomeOf({ name, check }: HealthCheck): Promise<Outcome> {
  try {
    await check();
    return { name };
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) };
  }
}

function wordingOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "");
}

function listen(server: Server, { address, port }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

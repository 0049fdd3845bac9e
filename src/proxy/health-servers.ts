/**
 * The two small servers of a kube-proxy:
 *
 *   127.0.0.1:10249   for people: /healthz, /proxyMode, /metrics, /configz
 *   0.0.0.0:10256     for load balancers: /healthz and /livez say when the rules were last right
 *
 * On one and the same address both are one.
 *
 * In Kubernetes: cmd/kube-proxy/app/server.go, pkg/proxy/healthcheck/proxier_health.go
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import type { Registry } from "prom-client";
import { healthApp } from "../component/health-server.ts";

export interface HostPort {
  host: string;
  /** 0: no server. */
  port: number;
}

export interface HealthServersOptions {
  metricsAt: HostPort;
  healthzAt: HostPort;
  metrics: Registry;
  mode: string;
  flags: Readonly<Record<string, unknown>>;
  now(): Date;
  /** How the proxy is doing; undefined until it has started. */
  status(): { lastSynced: Date | undefined; isHealthy: boolean } | undefined;
}

export interface HealthServers {
  readonly metricsUrl: string | undefined;
  readonly healthzUrl: string | undefined;
  stop(): Promise<void>;
}

/** Rejects where an address can't be had. */
export async function startHealthServers(options: HealthServersOptions): Promise<HealthServers> {
  const { metricsAt, healthzAt } = options;
  const isOne = metricsAt.port === healthzAt.port;
  const metrics = await serve(metricsAt, metricsApp(options));
  const healthz = isOne ? undefined : await serve(healthzAt, healthzApp(options));
  return {
    metricsUrl: metrics && urlOf(metrics),
    healthzUrl: healthz && urlOf(healthz),
    async stop() {
      for (const server of [metrics, healthz]) if (server) await close(server);
    },
  };
}

function metricsApp({ metrics, mode, flags, status }: HealthServersOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get("/proxyMode", (_request, response) => {
    response.type("text/plain").set("x-content-type-options", "nosniff").send(mode);
  });
  const check = () => {
    const now = status();
    if (now && !now.isHealthy) throw new Error("changes are waiting to be carried out");
  };
  app.use(healthApp({ metrics, checks: [{ name: "sync", check }], config: flags, flags }));
  return app;
}

function healthzApp({ status, now }: HealthServersOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get(["/healthz", "/livez"], (_request, response) => {
    const { lastSynced, isHealthy = true } = status() ?? {};
    const currentTime = now().toISOString();
    // While all is well, what was true at the last sync is true now.
    const lastUpdated = isHealthy ? currentTime : (lastSynced?.toISOString() ?? "");
    response.status(isHealthy ? 200 : 503).set("x-content-type-options", "nosniff");
    response.json({ lastUpdated, currentTime, nodeEligible: true });
  });
  return app;
}

function serve({ host, port }: HostPort, app: Express): Promise<Server | undefined> {
  if (port === 0) return Promise.resolve(undefined);
  const server = createServer(app);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * Tells load balancers whether this node has a pod of a service whose external traffic policy is
 * Local: an HTTP server on the service's healthCheckNodePort that answers 200, or 503.
 *
 * In Kubernetes: pkg/proxy/healthcheck/service_health.go
 */
import { createServer, type Server } from "node:http";
import type { Log } from "../component/log.ts";
import type { ServiceEndpoints } from "./endpoint.ts";

interface Check {
  server: Server;
  namespace: string;
  name: string;
  localEndpoints: number;
}

export class ServiceHealth {
  readonly #isProxyHealthy: () => boolean;
  readonly #log: Log;
  /** By port. */
  readonly #checks = new Map<number, Check>();

  constructor(isProxyHealthy: () => boolean, log: Log) {
    this.#isProxyHealthy = isProxyHealthy;
    this.#log = log;
  }

  async update(services: readonly ServiceEndpoints[]): Promise<void> {
    const wanted = new Map(
      services
        .filter(({ servicePort }) => servicePort.healthCheckNodePort !== 0)
        .map((one) => [one.servicePort.healthCheckNodePort, one]),
    );
    for (const [port, { server }] of this.#checks) {
      if (wanted.has(port)) continue;
      this.#checks.delete(port);
      await closed(server);
    }
    for (const [port, { servicePort, endpoints }] of wanted) {
      const [namespace = "", name = ""] = servicePort.name.split(/[/:]/);
      const ready = endpoints.filter((one) => one.isLocal && one.isReady);
      const localEndpoints = new Set(ready.map(({ ip }) => ip)).size;
      await this.#ensure(port, { namespace, name, localEndpoints });
    }
  }

  async stop(): Promise<void> {
    await this.update([]);
  }

  async #ensure(port: number, about: Omit<Check, "server">): Promise<void> {
    const there = this.#checks.get(port);
    if (there) {
      Object.assign(there, about);
      return;
    }
    const check: Check = { ...about, server: createServer() };
    check.server.on("request", (_request, response) => {
      const { namespace, name, localEndpoints } = check;
      const serviceProxyHealthy = this.#isProxyHealthy();
      response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, {
        "content-type": "application/json",
        "x-content-type-options": "nosniff",
        "x-load-balancing-endpoint-weight": String(localEndpoints),
      });
      const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy };
      response.end(JSON.stringify(body, null, "\t"));
    });
    try {
      await listening(check.server, port);
      this.#checks.set(port, check);
    } catch (error) {
      this.#log.error("Failed to start healthcheck", error, { service: about.name, port });
    }
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "0.0.0.0", () => resolve());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

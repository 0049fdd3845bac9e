/**
 * The ports of the kubelet daemon: 10250 with all endpoints (TLS where a certificate is given), 10255
 * with those that only read, 10248 with health alone.
 *
 * In Kubernetes: ListenAndServeKubeletServer in pkg/kubelet/server/server.go
 * Differs: without --tls-cert-file the main port is plain HTTP, as our API server expects it.
 */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Server as NetServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { StartError } from "../../component/daemon.ts";
import type { Flags } from "../../component/flags.ts";
import { startHealthServer } from "../../component/health-server.ts";
import type { kubeletFlags } from "../flags.ts";
import type { Kubelet } from "../kubelet.ts";
import { createKubeletServer, createReadOnlyServer } from "./server.ts";

export async function startServers(
  kubelet: Kubelet,
  flags: Flags<typeof kubeletFlags>,
): Promise<{ stop(): Promise<void> }> {
  const { address, port } = flags;
  const stops: (() => Promise<void> | void)[] = [];
  if (flags["enable-server"]) {
    const full = flags["enable-debugging-handlers"] ? createKubeletServer : createReadOnlyServer;
    stops.push(await listen(portServer(full(kubelet), flags), address, port));
    const readOnlyPort = flags["read-only-port"];
    if (readOnlyPort > 0) {
      stops.push(await listen(createReadOnlyServer(kubelet), address, readOnlyPort));
    }
  }
  if (flags["healthz-port"] > 0) {
    const checks = [{ name: "pleg", check: () => kubelet.pleg.checkHealthy() }];
    const where = { address: flags["healthz-bind-address"], port: flags["healthz-port"] };
    const health = await startHealthServer({ ...where, checks, flags }).catch((error: Error) => {
      throw new StartError(`failed to run Kubelet: ${error.message}`);
    });
    stops.push(() => health.stop());
  }
  return {
    async stop() {
      for (const stop of stops) await stop();
    },
  };
}

/** The HTTP server itself, or one that takes TLS off before it. */
function portServer(http: Server, flags: Flags<typeof kubeletFlags>): Server | NetServer {
  const certFile = flags["tls-cert-file"];
  if (certFile === "") return http;
  const caFile = flags["client-ca-file"];
  const server = createTlsServer(
    {
      cert: readFileSync(certFile),
      key: readFileSync(flags["tls-private-key-file"]),
      ...(caFile ? { ca: readFileSync(caFile), requestCert: true, rejectUnauthorized: true } : {}),
    },
    (socket) => http.emit("connection", socket),
  );
  return server;
}

async function listen(
  server: Server | NetServer,
  address: string,
  port: number,
): Promise<() => void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new StartError(`failed to run Kubelet: ${error.message}`));
    });
    server.listen(port, address, resolve);
  });
  return () => void server.close();
}

/**
 * The ports of the kubelet daemon: 10250 with all endpoints (TLS where it has a certificate), 10255
 * with those that only read, 10248 with health alone.
 *
 * In Kubernetes: ListenAndServeKubeletServer in pkg/kubelet/server/server.go
 */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Server as NetServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { StartError } from "../../component/daemon.ts";
import { startHealthServer } from "../../component/health-server.ts";
import type { Kubelet } from "../kubelet.ts";
import { type CertificateContext, serverCertificate } from "./certificate.ts";
import { createKubeletServer, createReadOnlyServer } from "./server.ts";

export async function startServers(
  kubelet: Kubelet,
  daemon: CertificateContext,
): Promise<{ stop(): Promise<void> }> {
  const { flags } = daemon;
  const { address, port } = flags;
  const stops: (() => Promise<void> | void)[] = [];
  if (flags["enable-server"]) {
    const full = flags["enable-debugging-handlers"] ? createKubeletServer : createReadOnlyServer;
    stops.push(await listen(await portServer(kubelet, full(kubelet), daemon), address, port));
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
async function portServer(
  { nodeName, options }: Kubelet,
  http: Server,
  daemon: CertificateContext,
): Promise<Server | NetServer> {
  const pair = await serverCertificate(daemon, [nodeName, options.nodeIP]);
  const caFile = daemon.flags["client-ca-file"];
  if (pair === undefined) {
    if (caFile === "") return http;
    throw new StartError(
      "failed to run Kubelet: --client-ca-file needs --tls-cert-file or --cert-dir",
    );
  }
  const clients = caFile ? { ca: readFileSync(caFile), requestCert: true } : {};
  return createTlsServer({ cert: pair.certificate, key: pair.key, ...clients }, (socket) =>
    http.emit("connection", socket),
  );
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

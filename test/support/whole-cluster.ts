/** A whole cluster in this process, as `kubeling up` starts it: simulated nodes, real time, on free ports. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditOptions } from "../../src/apiserver/audit/audit.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import { Client } from "../../src/client/client.ts";
import { systemClock as clock } from "../../src/component/clock.ts";
import { silentLog as log } from "../../src/component/log.ts";
import { systemRandom as random } from "../../src/component/random.ts";
import { ensureCertificates } from "../../src/kubeling/certificates.ts";
import { startCluster } from "../../src/kubeling/cluster.ts";
import { createSimulatedNodes } from "../../src/kubeling/simulated-nodes.ts";
import { freePort } from "./free-port.ts";

export interface WholeClusterOptions {
  nodes?: number;
  audit?: AuditOptions;
}

export async function startWholeCluster({ nodes = 2, audit }: WholeClusterOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-"));
  const serverNames = ["127.0.0.1", "localhost"];
  const certificates = await ensureCertificates({ directory, serverNames, clock, random });
  const store = openMemoryStore({ log });
  const port = await freePort();
  const securePort = await freePort();
  const cluster = await startCluster({
    ...{ store, certificates, clock, random, log, port },
    nodes: createSimulatedNodes({ count: nodes, clusterDns: [], clock, random }),
    bindAddress: "127.0.0.1",
    securePort,
    serviceClusterIpRange: "10.254.0.0/16",
    without: new Set(),
    ...(audit && { audit }),
  });
  const { transport } = cluster.apiServer;
  return {
    client: new Client(transport),
    transport,
    /** "http://127.0.0.1:40123" */
    server: `http://127.0.0.1:${port}`,
    /** Where TLS is spoken, and who is believed there. */
    secureServer: `https://127.0.0.1:${securePort}`,
    certificates,
    /** Of the test's own, and gone with the cluster. */
    directory,
    async stop() {
      await cluster.stop();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type WholeCluster = Awaited<ReturnType<typeof startWholeCluster>>;

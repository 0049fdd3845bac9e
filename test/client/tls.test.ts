import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Namespace } from "../../src/api/namespace.ts";
import { Client } from "../../src/client/client.ts";
import { createHttpTransport } from "../../src/client/http-transport.ts";
import { connect } from "../../src/client/kubeconfig.ts";
import { systemClock } from "../../src/component/clock.ts";
import { systemRandom } from "../../src/component/random.ts";
import { ensureCertificates } from "../../src/kubeling/certificates.ts";
import { writeKubeconfig } from "../../src/kubeling/kubeconfig-file.ts";
import { startTestApiServer } from "../support/api-server.ts";

describe("over TLS, with the kubeconfig that kubeling writes", () => {
  let folder: string;
  let kubeconfig: string;
  let address: string;
  let server: Awaited<ReturnType<typeof startTestApiServer>>;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "tls-"));
    kubeconfig = path.join(folder, "config");
    const options = { directory: folder, serverNames: ["127.0.0.1"] };
    const certificates = await ensureCertificates({
      ...options,
      clock: systemClock,
      random: systemRandom,
    });
    const { server: own, ca } = certificates;
    server = await startTestApiServer();
    const tls = { cert: own.certificate, key: own.key, clientCa: ca.certificate };
    const { port } = await server.listen({ address: "127.0.0.1", port: 0, tls });
    address = `https://127.0.0.1:${port}`;
    writeKubeconfig({ path: kubeconfig, server: address, certificates });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test("the server is believed, and believes us", async () => {
    const { transport, headers, close } = connect({ kubeconfig });
    const { items } = await new Client(transport, headers).list(Namespace);
    close();
    expect(items.map(({ metadata }) => metadata.name)).toContain("default");
  });

  test("a server whose certificate nobody we trust has signed is not spoken to", async () => {
    const { transport, close } = createHttpTransport(address);
    await expect(new Client(transport).list(Namespace)).rejects.toThrow(/certificate/);
    close();
  });
});

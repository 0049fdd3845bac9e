/** A certificate for 127.0.0.1, as the cluster makes its own; kept nowhere. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock as clock } from "../src/component/clock.ts";
import { systemRandom as random } from "../src/component/random.ts";
import { ensureCertificates } from "../src/kubeling/certificates.ts";

export async function selfSigned(): Promise<{ cert: string; key: string }> {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-bench-tls-"));
  try {
    const serverNames = ["localhost", "127.0.0.1"];
    const { server } = await ensureCertificates({ directory, serverNames, clock, random });
    return { cert: server.certificate, key: server.key };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

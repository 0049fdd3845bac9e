/** A certificate for 127.0.0.1, as the cluster makes its own. */
import { systemClock as clock } from "../src/component/clock.ts";
import { systemRandom as random } from "../src/component/random.ts";
import { ensureCertificates } from "../src/kubeling/certificates.ts";

export async function selfSigned(directory: string): Promise<{ cert: string; key: string }> {
  const serverNames = ["localhost", "127.0.0.1"];
  const { server } = await ensureCertificates({ directory, serverNames, clock, random });
  return { cert: server.certificate, key: server.key };
}

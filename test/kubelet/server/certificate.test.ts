import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseFlags } from "../../../src/component/flags.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { kubeletFlags } from "../../../src/kubelet/flags.ts";
import { serverCertificate } from "../../../src/kubelet/server/certificate.ts";
import { TestClock } from "../../support/test-clock.ts";

let directory: string;
const clock = new TestClock();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kubelet-certificate-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const certificateFor = (...args: string[]) => {
  const { values: flags, given } = parseFlags(kubeletFlags, args);
  return serverCertificate({ flags, given, clock, random: seededRandom(1) }, ["node1", "10.0.0.1"]);
};

describe("the kubelet's main port", () => {
  test("is plain where nothing else is asked for, as the API server expects it", async () => {
    expect(await certificateFor()).toBeUndefined();
  });

  test("signs its own certificate in --cert-dir, and keeps it", async () => {
    const made = await certificateFor(`--cert-dir=${directory}`);
    const { subject, checkIP, checkHost } = bound(new X509Certificate(made!.certificate));
    expect(subject).toBe("CN=node1");
    expect([checkHost("node1"), checkIP("10.0.0.1")]).toEqual(["node1", "10.0.0.1"]);
    expect(statSync(join(directory, "kubelet.key")).mode & 0o777).toBe(0o600);

    expect(await certificateFor(`--cert-dir=${directory}`)).toEqual(made);
  });

  test("makes a new one in time before the old one ends", async () => {
    const made = await certificateFor(`--cert-dir=${directory}`);
    clock.advance(340 * 24 * 3600 * 1000);

    expect(await certificateFor(`--cert-dir=${directory}`)).not.toEqual(made);
  });

  test("has the certificate it is given", async () => {
    writeFileSync(join(directory, "a.crt"), "certificate");
    writeFileSync(join(directory, "a.key"), "key");
    const files = ["--tls-cert-file", join(directory, "a.crt")];

    expect(
      await certificateFor(...files, "--tls-private-key-file", join(directory, "a.key")),
    ).toEqual({ certificate: "certificate", key: "key" });
    await expect(certificateFor(...files)).rejects.toThrow("must be given together");
  });
});

function bound(certificate: X509Certificate) {
  return {
    subject: certificate.subject,
    checkIP: (ip: string) => certificate.checkIP(ip),
    checkHost: (name: string) => certificate.checkHost(name),
  };
}

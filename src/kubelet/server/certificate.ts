/**
 * The certificate of the kubelet's main port: the one given by flags; or, where only --cert-dir is
 * given, one it signs itself and keeps there as kubelet.crt and kubelet.key; or none, for plain HTTP.
 *
 * The API server's --kubelet-https must say the same. Both are plain by default.
 *
 * In Kubernetes: InitializeTLS in cmd/kubelet/app/server.go
 * Differs: there the port is never plain.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFit, issueCertificate, type KeyPair } from "../../component/certificate.ts";
import type { Clock } from "../../component/clock.ts";
import { StartError } from "../../component/daemon.ts";
import type { Flags } from "../../component/flags.ts";
import type { Random } from "../../component/random.ts";
import type { kubeletFlags } from "../flags.ts";

const DAY_MS = 24 * 3600 * 1000;
const VALID_MS = 365 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;

export interface CertificateContext {
  flags: Flags<typeof kubeletFlags>;
  /** The flags that were given. */
  given: ReadonlySet<string>;
  clock: Clock;
  random: Random;
}

/** Undefined: the port is to be plain. */
export async function serverCertificate(
  context: CertificateContext,
  names: string[],
): Promise<KeyPair | undefined> {
  const { flags, given } = context;
  const certificate = flags["tls-cert-file"];
  const key = flags["tls-private-key-file"];
  if ((certificate === "") !== (key === "")) {
    throw new StartError(
      "failed to run Kubelet: --tls-cert-file and --tls-private-key-file must be given together",
    );
  }
  if (certificate !== "") return { certificate: textOf(certificate), key: textOf(key) };
  return given.has("cert-dir") ? selfSigned(context, names) : undefined;
}

async function selfSigned(
  { flags, clock, random }: CertificateContext,
  names: string[],
): Promise<KeyPair> {
  const directory = flags["cert-dir"];
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const files = {
    certificate: join(directory, "kubelet.crt"),
    key: join(directory, "kubelet.key"),
  };
  if (existsSync(files.certificate) && existsSync(files.key)) {
    const kept = { certificate: textOf(files.certificate), key: textOf(files.key) };
    if (isFit(kept.certificate, clock, { forMs: RENEW_BEFORE_MS, names })) return kept;
  }
  const request = {
    subject: `CN=${names[0]}`,
    purpose: "server",
    names,
    validMs: VALID_MS,
  } as const;
  const made = await issueCertificate(request, { clock, random });
  writeFileSync(files.key, made.key, { mode: 0o600 });
  writeFileSync(files.certificate, made.certificate);
  return made;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartError(`failed to run Kubelet: ${(error as Error).message}`);
  }
}

/**
 * The cluster's own certificate authority, and what it signs: the API server's certificate and the
 * administrator's. Made at the first start, kept in the data directory, made again when they no
 * longer fit (another address, or too near their end).
 *
 * In Kubernetes: what `kubeadm init phase certs` does.
 */
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CertificateRequest,
  type Fitness,
  isFit,
  issueCertificate,
  type KeyPair,
} from "../component/certificate.ts";
import type { Clock } from "../component/clock.ts";
import type { Random } from "../component/random.ts";

export interface ClusterCertificates {
  ca: KeyPair;
  server: KeyPair;
  admin: KeyPair;
  /** The private key (PEM) that signs the tokens of service accounts. */
  accountKey: string;
}

export interface CertificateOptions {
  /** Where the files are kept, as ca.crt, ca.key, apiserver.crt and so on. */
  directory: string;
  /** Every name and address clients may use for the API server. */
  serverNames: string[];
  clock: Clock;
  random: Random;
}

const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 365 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Reads the certificates, making what is missing or no longer fits. */
export async function ensureCertificates(
  options: CertificateOptions,
): Promise<ClusterCertificates> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const { serverNames: names } = options;
  const ca = await ensure(options, "ca", {
    subject: "CN=kubernetes",
    purpose: "authority",
    validMs: 10 * YEAR_MS,
  });
  const server = await ensure(
    options,
    "apiserver",
    { subject: "CN=kube-apiserver", purpose: "server", names, validMs: YEAR_MS },
    ca,
  );
  const admin = await ensure(
    options,
    "admin",
    { subject: "O=system:masters, CN=kubernetes-admin", purpose: "client", validMs: YEAR_MS },
    ca,
  );
  return { ca, server, admin, accountKey: ensureAccountKey(options.directory) };
}

/** sa.key, which is never renewed: tokens would end with it. */
function ensureAccountKey(directory: string): string {
  const path = join(directory, "sa.key");
  if (existsSync(path)) return readFileSync(path, "utf8");
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  writeFileSync(path, pem, { mode: 0o600 });
  writeFileSync(join(directory, "sa.pub"), publicKey.export({ format: "pem", type: "spki" }));
  return pem;
}

async function ensure(
  { directory, clock, random }: CertificateOptions,
  name: string,
  request: CertificateRequest,
  authority?: KeyPair,
): Promise<KeyPair> {
  const path = join(directory, name);
  const kept = readPair(path);
  const fitness: Fitness = {
    forMs: RENEW_BEFORE_MS,
    ...(authority && { authority }),
    ...(request.names && { names: request.names }),
  };
  if (kept && isFit(kept.certificate, clock, fitness)) return kept;
  const made = await issueCertificate(request, { clock, random }, authority);
  writeFileSync(`${path}.key`, made.key, { mode: 0o600 });
  writeFileSync(`${path}.crt`, made.certificate);
  return made;
}

function readPair(path: string): KeyPair | undefined {
  if (!existsSync(`${path}.crt`) || !existsSync(`${path}.key`)) return undefined;
  const read = (end: string) => readFileSync(path + end, "utf8");
  return { certificate: read(".crt"), key: read(".key") };
}

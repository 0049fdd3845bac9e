/**
 * The cluster's own certificate authority, and what it signs: the API server's certificate and the
 * administrator's. Made at the first start, kept in the data directory, made again when they no
 * longer fit (another address, or too near their end).
 *
 * In Kubernetes: what `kubeadm init phase certs` does. ECDSA P-256, because RSA keys take seconds.
 */
import { X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../component/clock.ts";
import type { Random } from "../component/random.ts";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

export interface ClusterCertificates {
  ca: KeyPair;
  server: KeyPair;
  admin: KeyPair;
}

const DAY_MS = 24 * 3600 * 1000;
const CA_VALID_MS = 3650 * DAY_MS;
const LEAF_VALID_MS = 365 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface CertificateOptions {
  /** Where the files are kept, as ca.crt, ca.key, apiserver.crt and so on. */
  directory: string;
  /** Every name and address clients may use for the API server. */
  serverNames: string[];
  clock: Clock;
  random: Random;
}

/** Reads the certificates, making what is missing or no longer fits. */
export async function ensureCertificates(
  options: CertificateOptions,
): Promise<ClusterCertificates> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const ca = readPair(options, "ca") ?? (await issue(options, "ca"));
  const server = readPair(options, "apiserver", ca, options.serverNames);
  const admin = readPair(options, "admin", ca);
  return {
    ca,
    server: server ?? (await issue(options, "apiserver", ca)),
    admin: admin ?? (await issue(options, "admin", ca)),
  };
}

type Role = "ca" | "apiserver" | "admin";

function readPair(
  { directory, clock }: CertificateOptions,
  role: Role,
  ca?: KeyPair,
  names: string[] = [],
): KeyPair | undefined {
  const path = join(directory, role);
  if (!existsSync(`${path}.crt`) || !existsSync(`${path}.key`)) return undefined;
  const certificate = readFileSync(`${path}.crt`, "utf8");
  const parsed = new NodeCertificate(certificate);
  const isFresh = Date.parse(parsed.validTo) - clock.now().getTime() > RENEW_BEFORE_MS;
  const isOurs = !ca || parsed.verify(new NodeCertificate(ca.certificate).publicKey);
  const coversAll = names.every((name) =>
    isIP(name) ? parsed.checkIP(name) !== undefined : parsed.checkHost(name) !== undefined,
  );
  if (!isFresh || !isOurs || !coversAll) return undefined;
  return { certificate, key: readFileSync(`${path}.key`, "utf8") };
}

const SUBJECTS: Record<Role, string> = {
  ca: "CN=kubernetes",
  apiserver: "CN=kube-apiserver",
  admin: "O=system:masters, CN=kubernetes-admin",
};

async function issue(options: CertificateOptions, role: Role, ca?: KeyPair): Promise<KeyPair> {
  const { directory, clock, random } = options;
  // Loaded only when a certificate has to be made: it takes longer than all the rest of a start.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = ca && new x509.X509Certificate(ca.certificate);
  const notBefore = new Date(clock.now().getTime() - 60_000);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${random.bytes(8).toString("hex")}`,
    subject: SUBJECTS[role],
    issuer: issuer?.subject ?? SUBJECTS[role],
    notBefore,
    notAfter: new Date(notBefore.getTime() + (ca ? LEAF_VALID_MS : CA_VALID_MS)),
    publicKey: keys.publicKey,
    signingKey: ca ? await signingKey(ca) : keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: extensionsFor(x509, role, options.serverNames),
  });
  const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const pair = {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(exported, "PRIVATE KEY")}\n`,
  };
  writeFileSync(join(directory, `${role}.key`), pair.key, { mode: 0o600 });
  writeFileSync(join(directory, `${role}.crt`), pair.certificate);
  return pair;
}

function extensionsFor(x509: typeof import("@peculiar/x509"), role: Role, names: string[]) {
  if (role === "ca") {
    const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature;
    return [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
    ];
  }
  const purpose =
    role === "admin" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const usages = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
  ];
  if (role === "admin") return extensions;
  const alternatives = names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
  return [...extensions, new x509.SubjectAlternativeNameExtension(alternatives)];
}

function signingKey(ca: KeyPair): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(ca.key.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

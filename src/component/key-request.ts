/**
 * What who wants a certificate makes: a key, and a request (PKCS #10) that is signed with it. ECDSA P-256.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/keyutil/key.go, util/cert/csr.go (MakeCSR)
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from "node:crypto";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A new private key, as PEM. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

/** The public part of a private key, as SubjectPublicKeyInfo. */
export function publicKeyOf(privateKey: string): Buffer {
  return createPublicKey(createPrivateKey(privateKey)).export({ type: "spki", format: "der" });
}

/** The request for a certificate of that subject ("O=system:nodes, CN=system:node:node1"), as PEM. */
export async function keyRequest(privateKey: string, subject: string): Promise<string> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const der = createPrivateKey(privateKey).export({ type: "pkcs8", format: "der" });
  const { subtle } = webcrypto;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys: {
      privateKey: await subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]),
      publicKey: await subtle.importKey("spki", publicKeyOf(privateKey), ALGORITHM, true, [
        "verify",
      ]),
    },
    signingAlgorithm: ALGORITHM,
  });
  return `${request.toString("pem")}\n`;
}

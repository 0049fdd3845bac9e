/** Requests for certificates, as `openssl req -new` makes them: in base64, as the API takes them. */
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** `subject`: "O=system:nodes, CN=system:node:node1". `dns`: names of a server. */
export async function certificateRequest(subject: string, dns: string[] = []): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = dns.map((value) => ({ type: "dns", value }) as const);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
  });
  return Buffer.from(`${request.toString("pem")}\n`).toString("base64");
}

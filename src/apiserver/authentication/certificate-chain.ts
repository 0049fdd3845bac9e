/**
 * Which authority a client's certificate comes from, where the port takes those of several: each link from the
 * certificate to one of the authority's is checked by its signature.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/request/x509 (Verifier)
 */
import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate } from "node:tls";

const LONGEST_CHAIN = 8;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** `bundle`: PEM, one certificate or more. That the certificate is in date has been seen by TLS. */
export function isFrom(bundle: string | Buffer, peer: DetailedPeerCertificate): boolean {
  const authorities = (bundle.toString().match(PEM_BLOCK) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
  let certificate = new X509Certificate(peer.raw);
  let next = peer.issuerCertificate;
  for (let i = 0; i < LONGEST_CHAIN; i++) {
    const link = certificate;
    if (authorities.some((authority) => isIssuer(authority, link))) return true;
    if (next?.raw === undefined) return false;
    const issuer = new X509Certificate(next.raw);
    if (!isIssuer(issuer, link)) return false;
    certificate = issuer;
    next = next.issuerCertificate;
  }
  return false;
}

function isIssuer(authority: X509Certificate, of: X509Certificate): boolean {
  return authority.ca && of.checkIssued(authority) && of.verify(authority.publicKey);
}

/**
 * The other end of a connection: its address, and who it is by its certificate. A port may take certificates of two
 * authorities, that of clients and that of front proxies, and neither's are good for what the other's are.
 *
 * In Kubernetes: crypto/tls as staging/src/k8s.io/apiserver/pkg/authentication/request/x509 reads it
 */
import type { Duplex } from "node:stream";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { ClientCertificate, Connection } from "./authenticate.ts";
import { isFrom } from "./authentication/certificate-chain.ts";

export interface ClientAuthorities {
  /** PEM */
  clientCa?: string | Buffer;
  requestHeaderCa?: string | Buffer;
}

const known = new WeakMap<Duplex, Connection>();

export function addressOf(socket: Duplex): Pick<Connection, "address"> {
  const { remoteAddress } = socket as TLSSocket;
  return remoteAddress === undefined ? {} : { address: remoteAddress.replace(/^::ffff:/, "") };
}

/** Who the other end is, as its certificate says; asked once for each connection. */
export function connectionOf(socket: TLSSocket, authorities: ClientAuthorities): Connection {
  let connection = known.get(socket);
  if (connection === undefined) {
    connection = { door: "tls", ...addressOf(socket) };
    const peer = socket.getPeerCertificate(true) ?? {};
    // Whoever shows none gets an empty one from Node.
    if (peer.subject !== undefined) {
      connection.certificate = {
        commonName: String(peer.subject.CN ?? ""),
        organizations: [peer.subject.O ?? []].flat(),
        validToMs: Date.parse(peer.valid_to),
        ...standingOf(socket, peer, authorities),
      };
    }
    known.set(socket, connection);
  }
  return connection;
}

/** TLS has found the certificate good for one authority or the other: for which is asked where there are two. */
function standingOf(
  socket: TLSSocket,
  peer: DetailedPeerCertificate,
  { clientCa, requestHeaderCa }: ClientAuthorities,
): Pick<ClientCertificate, "fault" | "isOfFrontProxy"> {
  if (!socket.authorized) return { fault: faultOf(socket) };
  if (requestHeaderCa === undefined) return {};
  const isOfFrontProxy = isFrom(requestHeaderCa, peer);
  if (clientCa !== undefined && isFrom(clientCa, peer)) return { isOfFrontProxy };
  return { isOfFrontProxy, fault: "x509: certificate signed by unknown authority" };
}

/** Why Node does not believe a certificate, as Go words it. */
function faultOf({ authorizationError }: TLSSocket): string {
  const code = String(authorizationError);
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "x509: certificate has expired or is not yet valid";
  }
  return `x509: certificate signed by unknown authority (${code})`;
}

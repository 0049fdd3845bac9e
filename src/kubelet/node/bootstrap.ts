/**
 * How a machine becomes a node: with the credentials of --bootstrap-kubeconfig, which may do nothing but this, the
 * kubelet asks the cluster for a certificate of its own, and writes a kubeconfig with it to --kubeconfig. Where
 * that is there and its certificate has not ended, nothing is done.
 *
 * Its rule: the key is kept before it is asked with, so that a kubelet that is started again asks the same.
 *
 * In Kubernetes: pkg/kubelet/certificate/bootstrap/bootstrap.go
 */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KUBELET_CLIENT } from "../../api/certificates/signers.ts";
import { Client } from "../../client/client.ts";
import { clientCertificateIn, connect, kubeconfigShowing } from "../../client/kubeconfig.ts";
import type { ReflectorContext } from "../../client/reflector.ts";
import { signedCertificate } from "../../client/signed-certificate.ts";
import type { Clock } from "../../component/clock.ts";
import { keyRequest, newPrivateKey, publicKeyOf } from "../../component/key-request.ts";
import type { Log } from "../../component/log.ts";
import { currentPath, keepCertificate } from "./certificate-store.ts";

export interface BootstrapOptions {
  /** --kubeconfig: what is to be written. */
  kubeconfig: string;
  /** --bootstrap-kubeconfig */
  bootstrapKubeconfig: string;
  /** --cert-dir */
  directory: string;
  nodeName: string;
}

const ORGANIZATION = "system:nodes";
/** What an ECDSA key of a client is used for. */
export const CLIENT_USAGES = ["digital signature", "client auth"];

/** "O=system:nodes, CN=system:node:node1" */
export const subjectOf = (nodeName: string) => `O=${ORGANIZATION}, CN=system:node:${nodeName}`;

export async function bootstrapNode(
  options: BootstrapOptions,
  context: Omit<ReflectorContext, "client">,
): Promise<void> {
  const { kubeconfig, bootstrapKubeconfig, directory, nodeName } = options;
  if (kubeconfig === "") throw new Error("--bootstrap-kubeconfig needs --kubeconfig as well");
  if (isStillGood(kubeconfig, context)) return;
  if (!existsSync(bootstrapKubeconfig)) {
    throw new Error(
      `unable to load bootstrap kubeconfig: stat ${bootstrapKubeconfig}: no such file or directory`,
    );
  }
  const connection = connect({ kubeconfig: bootstrapKubeconfig, userAgent: "kubelet" });
  try {
    const client = new Client(connection.transport, connection.headers);
    const keyFile = join(directory, "kubelet-client.key.tmp");
    const key = keyIn(keyFile);
    context.log.info("Using bootstrap kubeconfig to generate TLS client cert, key and kubeconfig");
    const request = await keyRequest(key, subjectOf(nodeName));
    const name = requestName(key, nodeName);
    const wish = { name, request, signerName: KUBELET_CLIENT, usages: CLIENT_USAGES };
    const certificate = await signedCertificate(wish, { ...context, client });
    keepCertificate(directory, { certificate, key }, context.clock);
    rmSync(keyFile, { force: true });
  } finally {
    connection.close();
  }
  mkdirSync(dirname(kubeconfig), { recursive: true });
  const text = kubeconfigShowing(currentPath(directory), bootstrapKubeconfig);
  writeFileSync(kubeconfig, text, { mode: 0o600 });
}

/** What cannot be read is no better than what is not there. */
function isStillGood(kubeconfig: string, { clock, log }: { clock: Clock; log: Log }): boolean {
  if (!existsSync(kubeconfig)) return false;
  try {
    const certificate = clientCertificateIn(kubeconfig);
    if (certificate === undefined) return false;
    const { validTo } = new X509Certificate(certificate);
    if (clock.now().getTime() <= Date.parse(validTo)) return true;
    log.warn(`part of the existing bootstrap client certificate in ${kubeconfig} is expired`, {
      validTo,
    });
  } catch (error) {
    log.error(`unable to read existing bootstrap client config from ${kubeconfig}`, error);
  }
  return false;
}

function keyIn(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  const key = newPrivateKey();
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

/** The same for the same key: whoever asks again finds what they asked before. */
function requestName(key: string, nodeName: string): string {
  const hash = createHash("sha512-256");
  const subject = [`system:node:${nodeName}`, ORGANIZATION].map((text) => Buffer.from(text));
  const usages = CLIENT_USAGES.map((text) => Buffer.from(text));
  for (const part of [publicKeyOf(key), ...subject, ...usages]) {
    hash.update(`${part.toString("base64url")}|`);
  }
  return `node-csr-${hash.digest("base64url")}`;
}

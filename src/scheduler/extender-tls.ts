/**
 * What a policy or configuration file says of an extender's TLS: whom to trust, and who we are. Certificates
 * come from files, or are given as they are.
 *
 * Rule: an extender behind HTTPS whose authority is not named is not verified, as in the original.
 *
 * In Kubernetes: makeTransport of pkg/scheduler/extender.go, TLSConfigFor of k8s.io/client-go/transport
 */
import { readFileSync } from "node:fs";
import type { TlsMaterial } from "../client/http-transport.ts";

/** Data is in base64, and goes before files. */
export interface ExtenderTlsConfig {
  insecure?: boolean;
  serverName?: string;
  certFile?: string;
  keyFile?: string;
  caFile?: string;
  certData?: string;
  keyData?: string;
  caData?: string;
}

/** Throws an Error in one sentence where a file can't be read, or what is said contradicts itself. */
export function extenderTls(
  config: ExtenderTlsConfig = {},
  { isHttps = false }: { isHttps?: boolean } = {},
): TlsMaterial {
  const ca = materialOf(config.caData, config.caFile);
  const cert = materialOf(config.certData, config.certFile);
  const key = materialOf(config.keyData, config.keyFile);
  if (config.insecure && ca !== undefined) {
    throw new Error("specifying a root certificates file with the insecure flag is not allowed");
  }
  const isUnverified = config.insecure || (isHttps && ca === undefined);
  return {
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(config.serverName && { serverName: config.serverName }),
    ...(isUnverified && { insecureSkipVerify: true }),
  };
}

function materialOf(data: string | undefined, file: string | undefined): Buffer | undefined {
  if (data) return Buffer.from(data, "base64");
  return file ? readFileSync(file) : undefined;
}

/**
 * Where the kubelet keeps its client certificates: each with its key in a file of --cert-dir that says when it was
 * made, and a link to the one in use. The link is moved in one step, so that there is always a whole one.
 *
 *   kubelet-client-current.pem -> kubelet-client-2026-11-22-20-18-06.pem
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/certificate/certificate_store.go
 */
import { X509Certificate } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { KeyPair } from "../../component/certificate.ts";
import type { Clock } from "../../component/clock.ts";

const NAME = "kubelet-client";

/** The link to the one in use. */
export function currentPath(directory: string): string {
  return join(directory, `${NAME}-current.pem`);
}

/** Throws where there is none to be renewed. */
export function checkStore(directory: string): void {
  const path = currentPath(directory);
  if (existsSync(path)) return;
  throw new Error(
    `--rotate-certificates: there is no ${path} to rotate; --bootstrap-kubeconfig gets one`,
  );
}

/** From when to when the one in use is good: milliseconds since 1970. */
export function currentLife(directory: string): { fromMs: number; toMs: number } {
  const { validFrom, validTo } = new X509Certificate(readFileSync(currentPath(directory)));
  return { fromMs: Date.parse(validFrom), toMs: Date.parse(validTo) };
}

/** Uses this one from now on. */
export function keepCertificate(directory: string, pair: KeyPair, clock: Clock): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const time = clock.now().toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
  const name = `${NAME}-${time}.pem`;
  writeFileSync(join(directory, name), `${pair.certificate}${pair.key}`, { mode: 0o600 });
  const link = join(directory, `${NAME}-updated.pem`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, currentPath(directory));
}

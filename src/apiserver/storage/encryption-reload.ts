/**
 * --encryption-provider-config-automatic-reload: the file is looked at every minute, and what it says is so from
 * then on, for the next write and the next read. One that makes no sense is told of in the log, and what was
 * said before holds.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/options/encryptionconfig/controller/controller.go
 */
import { type Clock, every } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Encryption, Transformers } from "./encryption-config.ts";

export interface EncryptionReloadOptions {
  /** What the file holds now. */
  read(): string;
  /** What that means; throws where it means nothing. */
  encryptionIn(text: string): Encryption;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const PERIOD_MS = 60_000;

/** What is so now: the same map, with other entries once the file says other things. */
export function reloadedEncryption(options: EncryptionReloadOptions): Encryption {
  const { read, encryptionIn, clock, log, signal } = options;
  let known = read();
  const current = new Map<string, Transformers>(encryptionIn(known));
  every(clock, PERIOD_MS, signal, () => {
    try {
      const text = read();
      if (text === known) return;
      const fresh = encryptionIn(text);
      known = text;
      current.clear();
      for (const [prefix, transformers] of fresh) current.set(prefix, transformers);
      log.info("Reloaded encryption config");
    } catch (error) {
      log.error("Failed to reload the encryption config; the one before stays in use", error);
    }
  });
  return current;
}

/**
 * Why a cluster did not start, in one sentence for the person at the terminal. Whatever is not in
 * this table is a bug, and is told with its stack.
 */

import { UnavailableError } from "../apiserver/storage/store.ts";
import { InUseError } from "../apiserver/storage/version-log.ts";
import { StartError } from "../component/daemon.ts";
import type { UpFlags } from "./up-flags.ts";
import { UsageError } from "./usage-error.ts";

export function startSentence(error: unknown, flags: UpFlags): StartError | undefined {
  if (error instanceof UsageError) return new StartError(error.message);
  if (error instanceof InUseError) {
    return new StartError(
      `the data directory ${flags["data-dir"]} is in use by another kubeling; stop it or choose another --data-dir`,
    );
  }
  if (error instanceof UnavailableError) {
    return new StartError(`etcd does not answer: ${error.message}`);
  }
  const { code, syscall, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (syscall !== "listen") return undefined;
  const where = `${address}:${port}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use; choose another with --port or --secure-port`,
    EADDRNOTAVAIL: `this machine does not have the address ${address}`,
    EACCES: "permission denied",
  };
  return new StartError(`cannot listen on ${where}: ${reasons[code ?? ""] ?? code}`);
}

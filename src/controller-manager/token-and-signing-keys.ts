/**
 * The keys a controller manager signs with, from the files its flags name. What cannot be read is one sentence.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/{core,certificates}.go
 */
import { readFileSync } from "node:fs";
import { StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import { readSigningKey } from "../component/signing-key.ts";
import type { ControllerManagerOptions } from "./controller-options.ts";
import type { controllerManagerFlags } from "./flags.ts";

type ControllerManagerFlags = Flags<typeof controllerManagerFlags>;

export function credentialsFrom(
  flags: ControllerManagerFlags,
): Pick<ControllerManagerOptions, "accountTokens" | "rootCa" | "csrSigning"> {
  const rootCa = fileOf(flags, "root-ca-file");
  const key = fileOf(flags, "service-account-private-key-file");
  const certificate = fileOf(flags, "cluster-signing-cert-file");
  const authorityKey = fileOf(flags, "cluster-signing-key-file");
  if ((certificate === undefined) !== (authorityKey === undefined)) {
    throw new StartError("--cluster-signing-cert-file and --cluster-signing-key-file go together");
  }
  const workers = flags["concurrent-serviceaccount-token-syncs"];
  const durationMs = flags["cluster-signing-duration"];
  return {
    ...(rootCa !== undefined && { rootCa }),
    ...(key !== undefined && {
      accountTokens: { key: keyIn(key), workers, ...(rootCa !== undefined && { rootCa }) },
    }),
    ...(certificate !== undefined && {
      csrSigning: { authority: { certificate, key: authorityKey! }, durationMs },
    }),
  };
}

function keyIn(pem: string) {
  try {
    return readSigningKey(pem);
  } catch (error) {
    throw new StartError(`--service-account-private-key-file: ${(error as Error).message}`);
  }
}

type FileFlag =
  | "root-ca-file"
  | "service-account-private-key-file"
  | "cluster-signing-cert-file"
  | "cluster-signing-key-file";

/** Undefined where the flag names no file. */
function fileOf(flags: ControllerManagerFlags, name: FileFlag): string | undefined {
  const path = flags[name];
  if (path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartError(`--${name}: ${(error as Error).message}`);
  }
}

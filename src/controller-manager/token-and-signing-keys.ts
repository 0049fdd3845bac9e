/**
 * The keys a controller manager signs with, from the files its flags name. What cannot be read is one sentence.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/{core,certificates}.go
 */
import { readFileSync } from "node:fs";
import {
  API_CLIENT,
  KUBELET_CLIENT,
  KUBELET_SERVING,
  LEGACY_UNKNOWN,
} from "../api/certificates/signers.ts";
import type { KeyPair } from "../component/certificate.ts";
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
  const workers = flags["concurrent-serviceaccount-token-syncs"];
  return {
    ...(rootCa !== undefined && { rootCa }),
    ...(key !== undefined && {
      accountTokens: { key: keyIn(key), workers, ...(rootCa !== undefined && { rootCa }) },
    }),
    ...signingFrom(flags),
  };
}

/** The flags --cluster-signing-<middle>-cert-file and -key-file are about this signer alone. */
const SIGNER_FLAGS = {
  "kubelet-serving": KUBELET_SERVING,
  "kubelet-client": KUBELET_CLIENT,
  "kube-apiserver-client": API_CLIENT,
  "legacy-unknown": LEGACY_UNKNOWN,
} as const;

function signingFrom(flags: ControllerManagerFlags) {
  const ofAll = pairOf(flags, "cluster-signing");
  const middles = Object.keys(SIGNER_FLAGS) as (keyof typeof SIGNER_FLAGS)[];
  const pairs = middles.flatMap((middle) => {
    const pair = pairOf(flags, `cluster-signing-${middle}`);
    return pair === undefined ? [] : [[SIGNER_FLAGS[middle], pair] as const];
  });
  if (ofAll === undefined && pairs.length === 0) return {};
  if (ofAll !== undefined && pairs.length > 0) {
    throw new StartError(
      "cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time",
    );
  }
  const durationMs = flags["cluster-signing-duration"];
  const authorities = Object.fromEntries(pairs);
  return { csrSigning: { ...(ofAll && { authority: ofAll }), authorities, durationMs } };
}

type PairFlag = "cluster-signing" | `cluster-signing-${keyof typeof SIGNER_FLAGS}`;

/** Undefined where neither file is named. */
function pairOf(flags: ControllerManagerFlags, name: PairFlag): KeyPair | undefined {
  const certificate = fileOf(flags, `${name}-cert-file`);
  const key = fileOf(flags, `${name}-key-file`);
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate === undefined && key === undefined) return undefined;
  const why = key === undefined ? "cert without key" : "key without cert";
  throw new StartError(`"${name}": cannot specify ${why}`);
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
  | `${PairFlag}-cert-file`
  | `${PairFlag}-key-file`;

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

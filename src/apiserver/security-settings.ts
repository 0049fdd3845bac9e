/** From the flags about security to what the API server is given; a value that makes no sense is one sentence. */
import { parse } from "yaml";
import { connect } from "../client/kubeconfig.ts";
import type { Clock } from "../component/clock.ts";
import { StartError } from "../component/daemon.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { readPolicies } from "./authorization/abac.ts";
import {
  AUTHORIZATION_MODES,
  type AuthorizationMode,
  type AuthorizationOptions,
} from "./authorization/authorization.ts";
import type { WebhookOptions } from "./authorization/webhook.ts";
import type { ApiServerFlags } from "./flags.ts";
import type { RequestLimitOptions } from "./flow-control/request-limits.ts";
import { Resources } from "./resources.ts";
import { fileOf } from "./settings.ts";
import { encryptedStore } from "./storage/encrypted-store.ts";
import { encryptionOf } from "./storage/encryption-config.ts";
import { reloadedEncryption } from "./storage/encryption-reload.ts";
import type { Store } from "./storage/store.ts";

export function authorizationOf(flags: ApiServerFlags): AuthorizationOptions {
  const modes = authorizationModesOf(flags["authorization-mode"]);
  const policyFile = fileOf(flags, "authorization-policy-file")?.toString();
  const has = (mode: AuthorizationMode) => modes.includes(mode);
  if (has("ABAC") !== (policyFile !== undefined)) {
    throw new StartError(
      has("ABAC")
        ? "authorization-mode ABAC's authorization policy file not passed"
        : "cannot specify --authorization-policy-file without mode ABAC",
    );
  }
  const hasWebhookFile = flags["authorization-webhook-config-file"] !== "";
  if (has("Webhook") !== hasWebhookFile) {
    throw new StartError(
      has("Webhook")
        ? "authorization-mode Webhook's authorization config file not passed"
        : "cannot specify --authorization-webhook-config-file without mode Webhook",
    );
  }
  return {
    authorizationModes: modes,
    ...(policyFile !== undefined && {
      abacPolicies: inOneSentence("", () =>
        readPolicies(policyFile, flags["authorization-policy-file"]),
      ),
    }),
    ...(hasWebhookFile && { authorizationWebhook: webhookOf(flags) }),
  };
}

/** Throws a StartError where one of them is none. */
export function authorizationModesOf(names: readonly string[]): AuthorizationMode[] {
  if (names.length === 0) throw new StartError("at least one authorization-mode must be passed");
  const unknown = names.find((name) => !(AUTHORIZATION_MODES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new StartError(`authorization-mode ${JSON.stringify(unknown)} is not a valid mode`);
  }
  const again = names.find((name, i) => names.indexOf(name) !== i);
  if (again !== undefined) {
    throw new StartError(
      `authorization-mode ${JSON.stringify([...names])} has mode specified more than once`,
    );
  }
  return names as AuthorizationMode[];
}

function webhookOf(flags: ApiServerFlags): WebhookOptions {
  const file = flags["authorization-webhook-config-file"];
  const version = flags["authorization-webhook-version"];
  if (version !== "v1" && version !== "v1beta1") {
    throw new StartError(`--authorization-webhook-version must be v1 or v1beta1, not ${version}`);
  }
  const connection = inOneSentence("--authorization-webhook-config-file", () =>
    connect({ kubeconfig: file }),
  );
  const { transport, headers, server } = connection;
  return {
    ...{ transport, headers, version },
    path: new URL(server).pathname === "/" ? "/" : "",
    allowedForMs: flags["authorization-webhook-cache-authorized-ttl"],
    deniedForMs: flags["authorization-webhook-cache-unauthorized-ttl"],
  };
}

export function limitsOf(
  flags: ApiServerFlags,
): RequestLimitOptions & { requestTimeoutMs: number } {
  const requestTimeoutMs = flags["request-timeout"];
  if (requestTimeoutMs < 0) throw new StartError("--request-timeout can not be negative value");
  return {
    requestTimeoutMs,
    maxRequestsInFlight: flags["max-requests-inflight"],
    maxMutatingRequestsInFlight: flags["max-mutating-requests-inflight"],
  };
}

/** The store, behind encryption where that is asked for. */
export function withEncryption(store: Store, context: EncryptionContext): Store {
  const { flags, random } = context;
  const read = () => fileOf(flags, "encryption-provider-config")?.toString() ?? "";
  if (flags["encryption-provider-config"] === "") {
    if (!flags["encryption-provider-config-automatic-reload"]) return store;
    throw new StartError(
      "--encryption-provider-config-automatic-reload must be set with --encryption-provider-config",
    );
  }
  const encryptionIn = (text: string) => encryptionOf(parse(text), new Resources().stored, random);
  const encryption = inOneSentence("--encryption-provider-config", () =>
    flags["encryption-provider-config-automatic-reload"]
      ? reloadedEncryption({ ...context, read, encryptionIn })
      : encryptionIn(read()),
  );
  return encryptedStore(store, encryption);
}

interface EncryptionContext {
  flags: ApiServerFlags;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

function inOneSentence<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(what === "" ? message : `${what}: ${message}`);
  }
}

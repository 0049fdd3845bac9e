/**
 * The flags about the audit log, and where it goes: to a file, to another server, or both.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/options/audit.go
 */
import { parse } from "yaml";
import { connect } from "../../client/kubeconfig.ts";
import type { Clock } from "../../component/clock.ts";
import { StartError } from "../../component/daemon.ts";
import { type Flags, flag } from "../../component/flags.ts";
import type { Log } from "../../component/log.ts";
import type { ApiServerFlags } from "../flags.ts";
import { fileOf } from "../settings.ts";
import type { AuditOptions } from "./audit.ts";
import { LogFile } from "./log-file.ts";
import { type AuditPolicy, auditPolicyOf } from "./policy.ts";
import { AuditWebhook } from "./webhook.ts";

export const auditFlags = {
  "audit-policy-file": flag("string", "", "What the audit log tells of which request."),
  "audit-log-path": flag("string", "", 'Where the audit log is written; "-" is standard output.'),
  "audit-log-maxage": flag("int", 0, "How many days old audit logs are kept; 0 is for ever."),
  "audit-log-maxbackup": flag("int", 0, "How many old audit logs are kept; 0 is all."),
  "audit-log-maxsize": flag("int", 0, "The megabytes after which an audit log is put aside."),
  "audit-log-format": flag("string", "json", "Only json."),
  "audit-webhook-config-file": flag(
    "string",
    "",
    "A kubeconfig that leads to the server which is told of what happens.",
  ),
  "audit-webhook-mode": flag("string", "batch", "Only batch."),
  "audit-webhook-version": flag("string", "audit.k8s.io/v1", "Only audit.k8s.io/v1."),
  "audit-webhook-batch-max-size": flag("int", 400, "How many events are sent at a time."),
  "audit-webhook-batch-max-wait": flag(
    "duration",
    30_000,
    "How long an event waits for others at most.",
  ),
  "audit-webhook-batch-buffer-size": flag("int", 10_000, "How many events wait at most."),
  "audit-webhook-initial-backoff": flag(
    "duration",
    10_000,
    "How long to wait after the first failure.",
  ),
};

export type AuditFlags = Flags<typeof auditFlags>;

/** Undefined without a policy or without a place to write to, as in the original. */
export function auditOf(
  flags: ApiServerFlags,
  surroundings: { clock: Clock; log: Log },
): AuditOptions | undefined {
  checkFlags(flags);
  const policyFile = fileOf(flags, "audit-policy-file")?.toString();
  if (policyFile === undefined) return undefined;
  const policy = policyIn(policyFile);
  const file = logFileOf(flags, surroundings.clock);
  const webhook = webhookOf(flags, surroundings);
  if (file === undefined && webhook === undefined) return undefined;
  return {
    policy,
    write(line) {
      file?.write(line);
      webhook?.write(line);
    },
    close: async () => webhook?.close(),
  };
}

function checkFlags(flags: AuditFlags): void {
  const only = {
    "audit-log-format": "json",
    "audit-webhook-mode": "batch",
    "audit-webhook-version": "audit.k8s.io/v1",
  } as const;
  for (const [name, supported] of Object.entries(only)) {
    const value = flags[name as keyof typeof only];
    if (value === supported) continue;
    throw new StartError(`--${name}=${value} is not supported; it must be ${supported}`);
  }
}

function policyIn(text: string): AuditPolicy {
  try {
    return auditPolicyOf(parse(text));
  } catch (error) {
    throw new StartError(`loading audit policy file: ${(error as Error).message}`);
  }
}

function logFileOf(flags: AuditFlags, clock: Clock): LogFile | undefined {
  const path = flags["audit-log-path"];
  if (path === "") return undefined;
  const [maxSize, maxAge] = [flags["audit-log-maxsize"], flags["audit-log-maxage"]];
  return new LogFile({ path, maxSize, maxAge, maxBackups: flags["audit-log-maxbackup"] }, clock);
}

function webhookOf(flags: AuditFlags, surroundings: { clock: Clock; log: Log }) {
  const kubeconfig = flags["audit-webhook-config-file"];
  if (kubeconfig === "") return undefined;
  try {
    const { transport, headers, server } = connect({ kubeconfig });
    return new AuditWebhook({
      ...{ transport, headers, ...surroundings },
      path: new URL(server).pathname === "/" ? "/" : "",
      maxSize: flags["audit-webhook-batch-max-size"],
      maxWaitMs: flags["audit-webhook-batch-max-wait"],
      bufferSize: flags["audit-webhook-batch-buffer-size"],
      initialBackoffMs: flags["audit-webhook-initial-backoff"],
    });
  } catch (error) {
    throw new StartError(`--audit-webhook-config-file: ${(error as Error).message}`);
  }
}

/**
 * The flags about who may do what, what is told of it, what is encrypted, and how much at a time.
 *
 * In Kubernetes: pkg/kubeapiserver/options/authorization.go, apiserver's server/options/{audit,encryptionconfig}
 */
import { flag } from "../component/flags.ts";
import { auditFlags } from "./audit/flags.ts";

const MINUTE_MS = 60_000;

export const securityFlags = {
  "authorization-mode": flag(
    "strings",
    ["AlwaysAllow"],
    "Who may do what, asked in this order: AlwaysAllow, AlwaysDeny, ABAC, Webhook, RBAC, Node.",
  ),
  "authorization-policy-file": flag("string", "", "The policies of ABAC, one JSON in each line."),
  "authorization-webhook-config-file": flag(
    "string",
    "",
    "A kubeconfig that leads to the webhook of --authorization-mode=Webhook.",
  ),
  "authorization-webhook-version": flag(
    "string",
    "v1beta1",
    "The version of the reviews it is sent.",
  ),
  "authorization-webhook-cache-authorized-ttl": flag(
    "duration",
    5 * MINUTE_MS,
    "How long its yes is remembered.",
  ),
  "authorization-webhook-cache-unauthorized-ttl": flag(
    "duration",
    MINUTE_MS / 2,
    "How long its no is remembered.",
  ),
  ...auditFlags,
  "encryption-provider-config": flag("string", "", "What is encrypted in etcd, and how."),
  "encryption-provider-config-automatic-reload": flag(
    "bool",
    false,
    "Whether that file is looked at again while the server runs.",
  ),
  "max-requests-inflight": flag(
    "int",
    400,
    "With --max-mutating-requests-inflight: how many requests at a time, for the priority levels to share; 0 for both is no limit.",
  ),
  "max-mutating-requests-inflight": flag(
    "int",
    200,
    "With --max-requests-inflight: how many requests at a time.",
  ),
  "request-timeout": flag(
    "duration",
    MINUTE_MS,
    "How long a request may take that is no watch, log or stream.",
  ),
  "enable-priority-and-fairness": flag(
    "bool",
    true,
    "Queue requests by FlowSchemas and priority levels.",
    {
      noEffect: "FlowSchemas and priority levels always say whose turn it is",
      alreadySo: true,
    },
  ),
};

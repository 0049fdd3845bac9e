/**
 * Authorization, put together: the modes of --authorization-mode in their order, and what the reviews need to know.
 *
 * In Kubernetes: pkg/kubeapiserver/authorizer/config.go
 */
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { type Authorizer, alwaysAllow, alwaysDeny } from "../authorize.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { type AbacPolicy, abacAuthorizer, rulesOfPolicies } from "./abac.ts";
import { nodeAuthorizer, rulesOfNodes } from "./node-authorizer.ts";
import { NodePods } from "./node-pods.ts";
import { rbacAuthorizer } from "./rbac.ts";
import {
  everythingAllowed,
  nothingAllowed,
  type PartialResolver,
  type RuleResolver,
  resolverOf,
  rulesOfRoles,
} from "./resolve-rules.ts";
import { RoleIndex } from "./role-index.ts";
import { unionOf } from "./union.ts";
import { type WebhookOptions, webhookAuthorizer } from "./webhook.ts";

export const AUTHORIZATION_MODES = [
  "AlwaysAllow",
  "AlwaysDeny",
  "ABAC",
  "Webhook",
  "RBAC",
  "Node",
] as const;
export type AuthorizationMode = (typeof AUTHORIZATION_MODES)[number];

export interface AuthorizationOptions {
  /** Default: everybody may do everything. */
  authorizationModes?: readonly AuthorizationMode[];
  /** What --authorization-policy-file holds, for ABAC. */
  abacPolicies?: readonly AbacPolicy[];
  authorizationWebhook?: WebhookOptions;
  /** In place of all modes. */
  authorizer?: Authorizer;
}

export interface Authorization {
  authorizer: Authorizer;
  rulesFor: RuleResolver;
  roles: RoleIndex;
  /** Whether the default roles are to be made. */
  usesRbac: boolean;
}

interface Surroundings {
  cache: WatchCache;
  clock: Clock;
  log: Log;
}

export function assembleAuthorization(
  options: AuthorizationOptions,
  surroundings: Surroundings,
): Authorization {
  const { authorizationModes: modes = ["AlwaysAllow"] } = options;
  const roles = new RoleIndex(surroundings.cache);
  const parts = modes.map((mode) => partOf(mode, options, roles, surroundings));
  const isOpen = modes.length === 1 && modes[0] === "AlwaysAllow";
  const union = isOpen ? alwaysAllow : unionOf(parts.map(([authorizer]) => authorizer));
  return {
    authorizer: options.authorizer ?? union,
    rulesFor: resolverOf(parts.map(([, resolver]) => resolver)),
    roles,
    usesRbac: modes.includes("RBAC"),
  };
}

function partOf(
  mode: AuthorizationMode,
  { abacPolicies = [], authorizationWebhook }: AuthorizationOptions,
  roles: RoleIndex,
  surroundings: Surroundings,
): [Authorizer, PartialResolver] {
  const { cache } = surroundings;
  switch (mode) {
    case "AlwaysAllow":
      return [alwaysAllow, everythingAllowed];
    case "AlwaysDeny":
      return [alwaysDeny, nothingAllowed];
    case "ABAC":
      return [abacAuthorizer(abacPolicies), rulesOfPolicies(abacPolicies)];
    case "Node":
      return [nodeAuthorizer({ cache, pods: new NodePods(cache) }), rulesOfNodes];
    case "RBAC":
      return [rbacAuthorizer(roles), rulesOfRoles(roles)];
    case "Webhook": {
      if (authorizationWebhook === undefined) throw new Error("the webhook has no address");
      const errors = ["webhook authorizer does not support user rule resolution"];
      const cannotTell = () => ({ rules: [], errors, isIncomplete: true });
      return [webhookAuthorizer(authorizationWebhook, surroundings), cannotTell];
    }
  }
}

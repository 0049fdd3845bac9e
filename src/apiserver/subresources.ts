/**
 * The subresources that are more than a part of the object: which handler answers which.
 *
 * In Kubernetes: the storage map of pkg/registry/core/rest/storage_core.go
 */
import type { AdmitConnection } from "./admission/webhook-connect.ts";
import type { Authentication } from "./authentication/authentication.ts";
import { requestToken } from "./authentication/token-request.ts";
import { reviewToken } from "./authentication/token-review.ts";
import { whoAmI } from "./authentication/who-am-i.ts";
import { accessReviewHandlers } from "./authorization/access-reviews.ts";
import type { Authorization } from "./authorization/authorization.ts";
import type { Dial } from "./backend.ts";
import { bindPod, createBinding } from "./binding.ts";
import { approveCertificate } from "./certificate-approval.ts";
import { type ComponentStatusOptions, componentStatuses } from "./component-statuses.ts";
import { ephemeralContainers } from "./ephemeral-containers.ts";
import { evictPod } from "./eviction.ts";
import type { SubresourceHandler } from "./handler.ts";
import type { KubeletConnector } from "./kubelet-connection.ts";
import { finalizeNamespace } from "./namespace-finalize.ts";
import { podLog } from "./pod-log.ts";
import { proxyRequest, upgradeRequired } from "./proxy-request.ts";
import type { ResourceHandlerOptions } from "./resource-handler.ts";
import { review } from "./review.ts";
import { scale } from "./scale.ts";

export interface SubresourceOptions
  extends ResourceHandlerOptions,
    Authentication,
    Authorization,
    ComponentStatusOptions {
  connectToKubelet: KubeletConnector;
  /** Asks who has a say about connections. */
  admitConnection: AdmitConnection;
  dial: Dial;
}

export function subresourceHandlers(
  options: SubresourceOptions,
): ReadonlyMap<string, SubresourceHandler> {
  const proxy = proxyRequest(options);
  const needsUpgrade = upgradeRequired(options);
  return new Map<string, SubresourceHandler>([
    ["*/scale", scale(options)],
    ["bindings/", createBinding(options)],
    ["componentstatuses/", componentStatuses(options)],
    ["selfsubjectreviews/", review(whoAmI, options)],
    ["tokenreviews/", review(reviewToken(options.bearerTokens), options)],
    ...accessReviewHandlers(options),
    ["serviceaccounts/token", requestToken(options)],
    ["certificatesigningrequests/approval", approveCertificate(options)],
    ["pods/binding", bindPod(options)],
    ["pods/ephemeralcontainers", ephemeralContainers(options)],
    ["pods/eviction", evictPod(options)],
    ["namespaces/finalize", finalizeNamespace(options)],
    ["pods/log", podLog(options)],
    ["pods/exec", needsUpgrade],
    ["pods/attach", needsUpgrade],
    ["pods/portforward", needsUpgrade],
    ["pods/proxy", proxy],
    ["services/proxy", proxy],
    ["nodes/proxy", proxy],
  ]);
}

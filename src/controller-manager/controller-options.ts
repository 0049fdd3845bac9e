/**
 * What the controllers may be told from outside: how many workers each has, and what some need to do anything.
 *
 * In Kubernetes: pkg/controller/apis/config/types.go (KubeControllerManagerConfiguration)
 */
import type { Client } from "../client/client.ts";
import type { CsrSigningOptions } from "./csr-signing.ts";
import type { EndpointSliceOptions } from "./endpoint-slice.ts";
import type { MirroringOptions } from "./endpoint-slice-mirroring.ts";
import type { AutoscalerOptions } from "./horizontal-pod-autoscaler/options.ts";
import type { AddressPool } from "./load-balancer/address-pool.ts";
import type { NodeLifecycleOptions } from "./node-lifecycle.ts";
import type { PodGarbageCollectorOptions } from "./pod-garbage-collector.ts";
import type { ResourceQuotaControllerOptions } from "./resource-quota.ts";
import type { AccountTokensOptions } from "./service-account-tokens.ts";

export interface ControllerManagerOptions {
  /**
   * --use-service-account-credentials: who writes as that service account in kube-system. Absent: one identity for
   * all. Caches are filled under the manager's own, which may look at everything.
   */
  clientOf?: (account: string) => Client;
  /** As the flag has it. Default: ["*"]. */
  controllers?: string[];
  concurrentRcSyncs?: number;
  concurrentReplicaSetSyncs?: number;
  concurrentDeploymentSyncs?: number;
  autoscaler?: Partial<AutoscalerOptions>;
  concurrentEndpointSyncs?: number;
  endpointSlices?: EndpointSliceOptions;
  mirroring?: MirroringOptions;
  concurrentDaemonSetSyncs?: number;
  concurrentStatefulSetSyncs?: number;
  concurrentJobSyncs?: number;
  concurrentCronJobSyncs?: number;
  concurrentTtlAfterFinishedSyncs?: number;
  concurrentNamespaceSyncs?: number;
  concurrentGcSyncs?: number;
  concurrentEphemeralVolumeSyncs?: number;
  concurrentPolicyStatusSyncs?: number;
  nodeLifecycle?: Partial<NodeLifecycleOptions>;
  /** For pods that do not say what they tolerate; 0: Kubernetes 1.30 evicts those at once. */
  podEvictionTimeoutMs?: number;
  podGarbageCollector?: PodGarbageCollectorOptions;
  resourceQuota?: ResourceQuotaControllerOptions;
  /** From what services of type LoadBalancer get their addresses; without it, they get none. */
  loadBalancerAddresses?: AddressPool;
  /** From what nodes get blocks of addresses for their pods; without it, they get none. */
  nodeCidrs?: { clusterCidr: string; maskSize: number };
  /** With what tokens are signed; without it, no secret is filled with one. */
  accountTokens?: AccountTokensOptions;
  /** --legacy-service-account-token-clean-up-period. Default: a year. */
  legacyTokenCleanUpPeriodMs?: number;
  /** By what pods know the API server (PEM); without it, no namespace is told. */
  rootCa?: string;
  /** With what certificates are signed; without it, none are. */
  csrSigning?: CsrSigningOptions;
}

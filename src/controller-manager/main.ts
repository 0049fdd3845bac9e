/**
 * kube-controller-manager, the daemon: the control loops with flags, leader election, health and
 * metrics.
 *
 * In Kubernetes: cmd/kube-controller-manager
 */
import { accountTransport } from "../client/account-transport.ts";
import { Client } from "../client/client.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { runLeadingDaemon } from "../client/leading-daemon.ts";
import type { Transport } from "../client/transport.ts";
import { type Daemon, StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import { selectControllers, startControllerManager } from "./controller-manager.ts";
import type { ControllerManagerOptions } from "./controller-options.ts";
import { controllerManagerFlags } from "./flags.ts";
import { autoscalerFrom } from "./horizontal-pod-autoscaler/flags.ts";
import { AddressPool } from "./load-balancer/address-pool.ts";
import { CidrSet } from "./node-ipam/cidr-set.ts";
import { credentialsFrom } from "./token-and-signing-keys.ts";

export const kubeControllerManager: Daemon<typeof controllerManagerFlags> = {
  name: "kube-controller-manager",
  about:
    "The Kubernetes controller manager runs the control loops of the cluster: each watches what is " +
    "asked for\nand what there is, and makes changes to bring the one closer to the other.",
  flags: controllerManagerFlags,
  async run(daemon) {
    const options = optionsFrom(daemon.flags);
    await runLeadingDaemon(daemon, {
      name: "kube-controller-manager",
      start: (context, anonymous) =>
        startControllerManager(context, {
          ...options,
          ...(daemon.flags["use-service-account-credentials"] && {
            clientOf: (account) => clientOfAccount(account, context, anonymous()),
          }),
        }),
    });
  },
};

const AGENT = { "user-agent": "kube-controller-manager" };

/** A client that acts as a service account of kube-system, whose tokens `root` asks for. */
function clientOfAccount(name: string, { client: root, clock }: ComponentContext, way: Transport) {
  const asked = { root, transport: way, namespace: "kube-system", name, clock };
  return new Client(accountTransport(asked), AGENT);
}

export function optionsFrom(flags: Flags<typeof controllerManagerFlags>): ControllerManagerOptions {
  const controllers = flags.controllers.length > 0 ? [...flags.controllers] : ["*"];
  try {
    selectControllers(controllers);
  } catch (error) {
    throw new StartError((error as Error).message);
  }
  return {
    controllers,
    concurrentRcSyncs: flags["concurrent-rc-syncs"],
    concurrentReplicaSetSyncs: flags["concurrent-replicaset-syncs"],
    concurrentDeploymentSyncs: flags["concurrent-deployment-syncs"],
    autoscaler: autoscalerFrom(flags),
    concurrentEndpointSyncs: flags["concurrent-endpoint-syncs"],
    endpointSlices: {
      workers: flags["concurrent-service-endpoint-syncs"],
      maxEndpointsPerSlice: flags["max-endpoints-per-slice"],
    },
    mirroring: {
      workers: flags["mirroring-concurrent-service-endpoint-syncs"],
      maxEndpointsPerSubset: flags["mirroring-max-endpoints-per-subset"],
    },
    concurrentNamespaceSyncs: flags["concurrent-namespace-syncs"],
    concurrentGcSyncs: flags["concurrent-gc-syncs"],
    concurrentDaemonSetSyncs: flags["concurrent-daemonset-syncs"],
    concurrentStatefulSetSyncs: flags["concurrent-statefulset-syncs"],
    concurrentPolicyStatusSyncs: flags["concurrent-validating-admission-policy-status-syncs"],
    concurrentEphemeralVolumeSyncs: flags["concurrent-ephemeralvolume-syncs"],
    concurrentJobSyncs: flags["concurrent-job-syncs"],
    concurrentCronJobSyncs: flags["concurrent-cron-job-syncs"],
    concurrentTtlAfterFinishedSyncs: flags["concurrent-ttl-after-finished-syncs"],
    ...addressesFrom(flags),
    podEvictionTimeoutMs: flags["pod-eviction-timeout"],
    nodeLifecycle: {
      nodeMonitorGracePeriodMs: flags["node-monitor-grace-period"],
      nodeStartupGracePeriodMs: flags["node-startup-grace-period"],
      nodeEvictionRate: flags["node-eviction-rate"],
      secondaryNodeEvictionRate: flags["secondary-node-eviction-rate"],
      largeClusterSizeThreshold: flags["large-cluster-size-threshold"],
      unhealthyZoneThreshold: flags["unhealthy-zone-threshold"],
    },
    resourceQuota: {
      workers: flags["concurrent-resource-quota-syncs"],
      syncPeriodMs: flags["resource-quota-sync-period"],
    },
    ...credentialsFrom(flags),
    legacyTokenCleanUpPeriodMs: flags["legacy-service-account-token-clean-up-period"],
    podGarbageCollector: { terminatedPodThreshold: flags["terminated-pod-gc-threshold"] },
  };
}

/** Ranges that cannot be read are said now, not when the first node comes. */
function addressesFrom(flags: Flags<typeof controllerManagerFlags>) {
  const clusterCidr = flags["cluster-cidr"];
  const maskSize = flags["node-cidr-mask-size"];
  const ranges = flags["load-balancer-addresses"];
  try {
    if (flags["allocate-node-cidrs"]) new CidrSet(clusterCidr, maskSize);
    return {
      ...(flags["allocate-node-cidrs"] && { nodeCidrs: { clusterCidr, maskSize } }),
      ...(ranges.length > 0 && { loadBalancerAddresses: new AddressPool(ranges) }),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new StartError(error.message);
    throw error;
  }
}

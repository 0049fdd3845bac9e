/**
 * All control loops of a controller manager, by name, and whom each acts as where each is somebody of its own.
 *
 * In Kubernetes: NewControllerDescriptors in cmd/kube-controller-manager/app/controllermanager.go
 */
import { runController } from "../client/control-loop.ts";
import { bootstrapSignerController } from "./bootstrap-signer.ts";
import { clusterRoleAggregationController } from "./cluster-role-aggregation.ts";
import type { ControllerEntry } from "./controller-entry.ts";
import { cronJobController } from "./cron-job.ts";
import { csrApprovingController } from "./csr-approving.ts";
import { csrCleanerController } from "./csr-cleaner.ts";
import { csrSigningController } from "./csr-signing.ts";
import { daemonSetController } from "./daemon-set.ts";
import { deploymentController } from "./deployment.ts";
import { startDisruptionController } from "./disruption.ts";
import { endpointSliceController } from "./endpoint-slice.ts";
import { endpointSliceMirroringController } from "./endpoint-slice-mirroring.ts";
import { startEndpointsController } from "./endpoints.ts";
import { ephemeralVolumeController } from "./ephemeral-volume.ts";
import { startGarbageCollector } from "./garbage-collector.ts";
import { horizontalPodAutoscalerController } from "./horizontal-pod-autoscaler.ts";
import { startJobController } from "./job.ts";
import { legacyTokenCleaner } from "./legacy-token-cleaner.ts";
import { loadBalancerController } from "./load-balancer.ts";
import { namespaceController } from "./namespace.ts";
import { CidrSet } from "./node-ipam/cidr-set.ts";
import { nodeIpamController } from "./node-ipam.ts";
import { nodeLifecycleController } from "./node-lifecycle.ts";
import { startPersistentVolumeBinder } from "./persistent-volume-binder.ts";
import { startPodGarbageCollector } from "./pod-garbage-collector.ts";
import { replicaSetController } from "./replica-set.ts";
import { replicationController } from "./replication.ts";
import { resourceQuotaController } from "./resource-quota.ts";
import { rootCaPublisher } from "./root-ca-publisher.ts";
import { serviceAccountController } from "./service-account.ts";
import { serviceAccountTokensController } from "./service-account-tokens.ts";
import { statefulSetController } from "./stateful-set.ts";
import { claimProtectionController, volumeProtectionController } from "./storage-protection.ts";
import { taintEvictionController } from "./taint-eviction.ts";
import { tokenCleanerController } from "./token-cleaner.ts";
import { ttlController } from "./ttl.ts";
import { ttlAfterFinishedController } from "./ttl-after-finished.ts";
import { validatingAdmissionPolicyStatusController } from "./validating-admission-policy-status.ts";
import { volumeExpander } from "./volume-expander.ts";

export const controllers: readonly ControllerEntry[] = [
  {
    name: "endpoints-controller",
    alias: "endpoint",
    account: "endpoint-controller",
    start: startEndpointsController,
  },
  {
    name: "endpointslice-controller",
    alias: "endpointslice",
    start: (context, { endpointSlices }) =>
      runController(endpointSliceController(endpointSlices), context),
  },
  {
    name: "endpointslice-mirroring-controller",
    alias: "endpointslicemirroring",
    account: "endpointslicemirroring-controller",
    start: (context, { mirroring }) =>
      runController(endpointSliceMirroringController(mirroring), context),
  },
  {
    name: "replicationcontroller-controller",
    alias: "replicationcontroller",
    account: "replication-controller",
    start: (context, { concurrentRcSyncs: workers = 5 }) =>
      runController({ ...replicationController, workers }, context),
  },
  {
    name: "deployment-controller",
    alias: "deployment",
    start: (context, { concurrentDeploymentSyncs: workers = 5 }) =>
      runController({ ...deploymentController, workers }, context),
  },
  {
    name: "horizontal-pod-autoscaler-controller",
    alias: "horizontalpodautoscaling",
    account: "horizontal-pod-autoscaler",
    start: (context, { autoscaler }) =>
      runController(horizontalPodAutoscalerController(autoscaler), context),
  },
  {
    name: "replicaset-controller",
    alias: "replicaset",
    start: (context, { concurrentReplicaSetSyncs: workers = 5 }) =>
      runController({ ...replicaSetController, workers }, context),
  },
  {
    name: "pod-garbage-collector-controller",
    alias: "podgc",
    account: "pod-garbage-collector",
    start: (context, options) => startPodGarbageCollector(context, options.podGarbageCollector),
  },
  {
    name: "resourcequota-controller",
    alias: "resourcequota",
    start: (context, { resourceQuota }) =>
      runController(resourceQuotaController(resourceQuota), context),
  },
  {
    name: "clusterrole-aggregation-controller",
    alias: "clusterrole-aggregation",
    start: (context) => runController(clusterRoleAggregationController, context),
  },
  {
    name: "validatingadmissionpolicy-status-controller",
    alias: "validatingadmissionpolicy-status",
    start: (context, { concurrentPolicyStatusSyncs: workers = 5 }) =>
      runController({ ...validatingAdmissionPolicyStatusController, workers }, context),
  },
  {
    name: "namespace-controller",
    alias: "namespace",
    start: (context, { concurrentNamespaceSyncs: workers = 10 }) =>
      runController({ ...namespaceController, workers }, context),
  },
  {
    name: "serviceaccount-controller",
    alias: "serviceaccount",
    account: "service-account-controller",
    start: (context) => runController(serviceAccountController, context),
  },
  {
    name: "serviceaccount-token-controller",
    alias: "serviceaccount-token",
    account: "",
    start: (context, { accountTokens }) =>
      accountTokens && runController(serviceAccountTokensController(accountTokens), context),
  },
  {
    name: "legacy-serviceaccount-token-cleaner-controller",
    alias: "legacy-service-account-token-cleaner",
    account: "legacy-service-account-token-cleaner",
    start: (context, { legacyTokenCleanUpPeriodMs: periodMs }) =>
      runController(legacyTokenCleaner(periodMs), context),
  },
  {
    name: "bootstrap-signer-controller",
    alias: "bootstrapsigner",
    account: "bootstrap-signer",
    isOffByDefault: true,
    start: (context) => runController(bootstrapSignerController, context),
  },
  {
    name: "token-cleaner-controller",
    alias: "tokencleaner",
    account: "token-cleaner",
    isOffByDefault: true,
    start: (context) => runController(tokenCleanerController, context),
  },
  {
    name: "root-ca-certificate-publisher-controller",
    alias: "root-ca-cert-publisher",
    account: "root-ca-cert-publisher",
    start: (context, { rootCa }) =>
      rootCa === undefined ? undefined : runController(rootCaPublisher(rootCa), context),
  },
  {
    name: "certificatesigningrequest-approving-controller",
    alias: "csrapproving",
    account: "certificate-controller",
    start: (context) => runController(csrApprovingController, context),
  },
  {
    name: "certificatesigningrequest-signing-controller",
    alias: "csrsigning",
    account: "certificate-controller",
    start: (context, { csrSigning }) =>
      csrSigning && runController(csrSigningController(csrSigning), context),
  },
  {
    name: "certificatesigningrequest-cleaner-controller",
    alias: "csrcleaner",
    account: "certificate-controller",
    start: (context) => runController(csrCleanerController, context),
  },
  {
    name: "garbage-collector-controller",
    alias: "garbagecollector",
    account: "generic-garbage-collector",
    start: (context, { concurrentGcSyncs: workers = 20 }) =>
      startGarbageCollector(context, { workers }),
  },
  {
    name: "node-lifecycle-controller",
    alias: "nodelifecycle",
    account: "node-controller",
    start: (context, { nodeLifecycle }) =>
      runController(nodeLifecycleController(context.clock, nodeLifecycle), context),
  },
  {
    name: "taint-eviction-controller",
    alias: "taint-eviction",
    account: "node-controller",
    start: (context, { podEvictionTimeoutMs = 0 }) =>
      runController(taintEvictionController(context.clock, { podEvictionTimeoutMs }), context),
  },
  {
    name: "daemonset-controller",
    alias: "daemonset",
    account: "daemon-set-controller",
    start: (context, { concurrentDaemonSetSyncs: workers = 2 }) =>
      runController(daemonSetController(context.clock, workers), context),
  },
  {
    name: "statefulset-controller",
    alias: "statefulset",
    start: (context, { concurrentStatefulSetSyncs: workers = 5 }) =>
      runController({ ...statefulSetController, workers }, context),
  },
  {
    name: "job-controller",
    alias: "job",
    start: (context, { concurrentJobSyncs: workers = 5 }) => startJobController(context, workers),
  },
  {
    name: "cronjob-controller",
    alias: "cronjob",
    start: (context, { concurrentCronJobSyncs: workers = 5 }) =>
      runController({ ...cronJobController, workers }, context),
  },
  {
    name: "ttl-after-finished-controller",
    alias: "ttl-after-finished",
    start: (context, { concurrentTtlAfterFinishedSyncs: workers = 5 }) =>
      runController({ ...ttlAfterFinishedController, workers }, context),
  },
  {
    name: "service-lb-controller",
    alias: "service",
    account: "service-controller",
    start: (context, { loadBalancerAddresses: pool }) =>
      pool && runController(loadBalancerController(pool), context),
  },
  {
    name: "node-ipam-controller",
    alias: "nodeipam",
    account: "node-controller",
    start: (context, { nodeCidrs }) => {
      if (nodeCidrs === undefined) return undefined;
      const { clusterCidr, maskSize } = nodeCidrs;
      return runController(nodeIpamController(new CidrSet(clusterCidr, maskSize)), context);
    },
  },
  {
    name: "ttl-controller",
    alias: "ttl",
    start: (context) => runController(ttlController(), context),
  },
  {
    name: "persistentvolume-binder-controller",
    alias: "persistentvolume-binder",
    account: "persistent-volume-binder",
    start: startPersistentVolumeBinder,
  },
  {
    name: "persistentvolume-expander-controller",
    alias: "persistentvolume-expander",
    account: "expand-controller",
    start: (context) => runController(volumeExpander, context),
  },
  {
    name: "persistentvolumeclaim-protection-controller",
    alias: "pvc-protection",
    account: "pvc-protection-controller",
    start: (context) => runController(claimProtectionController, context),
  },
  {
    name: "persistentvolume-protection-controller",
    alias: "pv-protection",
    account: "pv-protection-controller",
    start: (context) => runController(volumeProtectionController, context),
  },
  {
    name: "ephemeral-volume-controller",
    alias: "ephemeral-volume",
    start: (context, { concurrentEphemeralVolumeSyncs: workers = 5 }) =>
      runController({ ...ephemeralVolumeController, workers }, context),
  },
  {
    name: "disruption-controller",
    alias: "disruption",
    start: startDisruptionController,
  },
];

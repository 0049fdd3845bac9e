/**
 * The flags of kube-controller-manager, with the names of Kubernetes 1.2 to 1.5. Those about
 * things that are not here are accepted, for old unit files, and say so.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/options/options.go (1.5)
 */
import { commonFlags } from "../client/daemon-flags.ts";
import { type FlagSet, flag } from "../component/flags.ts";
import { flagsWithoutEffect } from "./flags-without-effect.ts";
import { autoscalerFlags } from "./horizontal-pod-autoscaler/flags.ts";
import { signerFlags } from "./signer-flags.ts";

export const controllerManagerFlags = {
  ...commonFlags("kube-controller-manager"),
  ...flagsWithoutEffect,
  port: flag(
    "int",
    10252,
    "The port that the controller-manager's http service runs on; 0 for none",
  ),
  controllers: flag(
    "strings",
    [],
    "A list of controllers to enable. '*' enables all on-by-default controllers, 'foo' enables the " +
      "controller named 'foo', '-foo' disables the controller named 'foo'.",
  ),
  "concurrent-rc-syncs": flag(
    "int",
    5,
    "The number of replication controllers that are allowed to sync concurrently.",
  ),
  "concurrent-replicaset-syncs": flag(
    "int",
    5,
    "The number of replica sets that are allowed to sync concurrently.",
  ),
  "concurrent-deployment-syncs": flag(
    "int",
    5,
    "The number of deployment objects that are allowed to sync concurrently.",
  ),
  ...autoscalerFlags,
  "concurrent-daemonset-syncs": flag(
    "int",
    2,
    "The number of daemonset objects that are allowed to sync concurrently.",
  ),
  "concurrent-validating-admission-policy-status-syncs": flag(
    "int",
    5,
    "The number of validating admission policy status objects that are allowed to sync concurrently.",
  ),
  "concurrent-statefulset-syncs": flag(
    "int",
    5,
    "The number of statefulset objects that are allowed to sync concurrently.",
  ),
  "concurrent-ephemeralvolume-syncs": flag(
    "int",
    5,
    "The number of ephemeral volume syncing operations that will be done concurrently.",
  ),
  "concurrent-endpoint-syncs": flag(
    "int",
    5,
    "The number of endpoint syncing operations that will be done concurrently.",
  ),
  "concurrent-service-endpoint-syncs": flag(
    "int",
    5,
    "The number of service endpoint syncing operations that will be done concurrently.",
  ),
  "max-endpoints-per-slice": flag(
    "int",
    100,
    "The maximum number of endpoints that will be added to an EndpointSlice.",
  ),
  "mirroring-concurrent-service-endpoint-syncs": flag(
    "int",
    5,
    "The number of service endpoint syncing operations that will be done concurrently by the " +
      "endpointslice-mirroring-controller.",
  ),
  "mirroring-max-endpoints-per-subset": flag(
    "int",
    1_000,
    "The maximum number of endpoints that will be added to an EndpointSlice by the " +
      "endpointslice-mirroring-controller.",
  ),
  "concurrent-namespace-syncs": flag(
    "int",
    2,
    "The number of namespace objects that are allowed to sync concurrently.",
  ),
  "concurrent-job-syncs": flag(
    "int",
    5,
    "The number of job objects that are allowed to sync concurrently.",
  ),
  "concurrent-cron-job-syncs": flag(
    "int",
    5,
    "The number of cron job objects that are allowed to sync concurrently.",
  ),
  "concurrent-ttl-after-finished-syncs": flag(
    "int",
    5,
    "The number of ttl-after-finished-controller workers that are allowed to sync concurrently.",
  ),
  "allocate-node-cidrs": flag("bool", false, "Should CIDRs for Pods be allocated."),
  "cluster-cidr": flag(
    "string",
    "",
    "CIDR Range for Pods in cluster. Requires --allocate-node-cidrs to be true.",
  ),
  "node-cidr-mask-size": flag("int", 24, "Mask size for node cidr in cluster."),
  "load-balancer-addresses": flag(
    "strings",
    [],
    "The `ranges` of addresses that services of type LoadBalancer get theirs from: 10.0.0.1-10.0.0.9, " +
      "10.0.0.0/28 or 10.0.0.1.",
  ),
  "concurrent-gc-syncs": flag(
    "int",
    20,
    "The number of garbage collector workers that are allowed to sync concurrently.",
  ),
  "concurrent-resource-quota-syncs": flag(
    "int",
    5,
    "The number of resource quotas that are allowed to sync concurrently.",
  ),
  "resource-quota-sync-period": flag(
    "duration",
    300_000,
    "The period for syncing quota usage status in the system.",
  ),
  "use-service-account-credentials": flag(
    "bool",
    false,
    "If true, use individual service account credentials for each controller.",
  ),
  "service-account-private-key-file": flag(
    "string",
    "",
    "Filename containing a PEM-encoded private RSA or ECDSA key used to sign service account tokens.",
  ),
  "legacy-service-account-token-clean-up-period": flag(
    "duration",
    31_536_000_000,
    "The period of time since the last usage of an legacy service account token before it can be deleted.",
  ),
  "root-ca-file": flag(
    "string",
    "",
    "If set, this root certificate authority will be included in service account's token secret. " +
      "This must be a valid PEM-encoded CA bundle.",
  ),
  "concurrent-serviceaccount-token-syncs": flag(
    "int",
    5,
    "The number of service account token objects that are allowed to sync concurrently.",
  ),
  "cluster-signing-cert-file": flag(
    "string",
    "",
    "Filename containing a PEM-encoded X509 CA certificate used to issue cluster-scoped certificates.",
  ),
  "cluster-signing-key-file": flag(
    "string",
    "",
    "Filename containing a PEM-encoded RSA or ECDSA private key used to sign cluster-scoped certificates.",
  ),
  ...signerFlags,
  "cluster-signing-duration": flag(
    "duration",
    31_536_000_000,
    "The max length of duration signed certificates will be given.  Individual CSRs may request " +
      "shorter certs by setting spec.expirationSeconds.",
  ),
  "node-monitor-grace-period": flag(
    "duration",
    40_000,
    "Amount of time which we allow running Node to be unresponsive before marking it unhealthy. " +
      "Must be N times more than kubelet's nodeStatusUpdateFrequency.",
  ),
  "node-startup-grace-period": flag(
    "duration",
    60_000,
    "Amount of time which we allow starting Node to be unresponsive before marking it unhealthy.",
  ),
  "node-eviction-rate": flag(
    "float32",
    0.1,
    "Number of nodes per second on which pods are deleted in case of node failure when a zone is " +
      "healthy.",
  ),
  "secondary-node-eviction-rate": flag(
    "float32",
    0.01,
    "Number of nodes per second on which pods are deleted in case of node failure when a zone is " +
      "unhealthy.",
  ),
  "large-cluster-size-threshold": flag(
    "int",
    50,
    "Number of nodes from which NodeController treats the cluster as large for the eviction logic " +
      "purposes.",
  ),
  "unhealthy-zone-threshold": flag(
    "float32",
    0.55,
    "Fraction of Nodes in a zone which needs to be not Ready (minimum 3) for zone to be treated as " +
      "unhealthy.",
  ),
  "pod-eviction-timeout": flag(
    "duration",
    300_000,
    "The grace period for deleting pods on failed nodes, for pods that do not say what they tolerate.",
  ),
  "terminated-pod-gc-threshold": flag(
    "int",
    12_500,
    "Number of terminated pods that can exist before the terminated pod garbage collector starts " +
      "deleting terminated pods. If <= 0, the terminated pod garbage collector is disabled.",
  ),
} satisfies FlagSet;

/**
 * Flags of kube-controller-manager that are accepted, for old unit files, and do nothing. Each is
 * here under its reason: it is about a cloud or a kind that is not here, or about looking
 * periodically where we are told.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/options/options.go (1.5)
 */
import { type FlagDeclaration, type FlagSet, flag } from "../component/flags.ts";

const cloud = {
  "cloud-config": flag("string", "", "The path to the cloud provider configuration file."),
  "cloud-provider": flag("string", "", "The provider for cloud services.", { alreadySo: "" }),
  "concurrent-service-syncs": flag("int", 1, "Services to sync concurrently."),
  "configure-cloud-routes": flag("bool", true, "Should CIDRs be configured on the cloud."),
  "node-sync-period": flag("duration", 10_000, "The period for syncing nodes from the cloud."),
  "service-sync-period": flag("duration", 300_000, "The period for syncing load balancers."),
  "cluster-name": flag("string", "kubernetes", "The instance prefix for the cluster."),
};

const podNetworks = {
  "route-reconciliation-period": flag("duration", 10_000, "The period for reconciling routes."),
  "service-cluster-ip-range": flag("string", "", "CIDR Range for Services in cluster."),
};

const volumes = {
  "enable-dynamic-provisioning": flag("bool", true, "Enable dynamic provisioning."),
  "enable-hostpath-provisioner": flag("bool", false, "Enable HostPath PV provisioning.", {
    alreadySo: false,
  }),
  "flex-volume-plugin-dir": flag("string", "", "Directory of flex volume plugins."),
  "pv-recycler-increment-timeout-nfs": flag("int", 30, "Seconds for each Gi of an NFS scrubber."),
  "pv-recycler-minimum-timeout-hostpath": flag("int", 60, "Seconds of a HostPath recycler."),
  "pv-recycler-minimum-timeout-nfs": flag("int", 300, "Seconds of an NFS recycler."),
  "pv-recycler-pod-template-filepath-hostpath": flag("string", "", "A pod template file."),
  "pv-recycler-pod-template-filepath-nfs": flag("string", "", "A pod template file."),
  "pv-recycler-timeout-increment-hostpath": flag("int", 30, "Seconds for each Gi of HostPath."),
  "pvclaimbinder-sync-period": flag("duration", 15_000, "The period for syncing volumes."),
};

const otherKinds = {
  "deployment-controller-sync-period": flag("duration", 30_000, "Period for deployments."),
};

const credentials = {
  "allow-verification-with-non-compliant-keys": flag("bool", false, "Allow weak keys.", {
    alreadySo: false,
  }),
  "insecure-experimental-approve-all-kubelet-csrs-for-group": flag("string", "", "A group."),
};

const periods = {
  "min-resync-period": flag("duration", 43_200_000, "The resync period in reflectors."),
  "namespace-sync-period": flag("duration", 300_000, "The period for namespace updates."),
  "node-monitor-period": flag("duration", 5_000, "The period for syncing NodeStatus."),
};

const caches = {
  "daemonset-lookup-cache-size": flag("int", 1024, "Lookup cache for daemon sets."),
  "replicaset-lookup-cache-size": flag("int", 4096, "Lookup cache for replica sets."),
  "replication-controller-lookup-cache-size": flag("int", 4096, "Lookup cache for controllers."),
};

const NO_OP = "This flag is currently no-op and will be deleted.";

const past = {
  "deleting-pods-burst": flag("int", 10, "Nodes on which pods are deleted at once.", {
    deprecated: NO_OP,
  }),
  "deleting-pods-qps": flag("float32", 0.1, "Nodes on which pods are deleted, a second.", {
    deprecated: NO_OP,
  }),
  "register-retry-count": flag("int", 10, "Retries for registering a node.", { deprecated: NO_OP }),
};

const switches = {
  "controller-start-interval": flag("duration", 0, "Interval between starting controllers.", {
    alreadySo: 0,
  }),
  "enable-garbage-collector": flag("bool", true, "Enables the generic garbage collector.", {
    alreadySo: true,
  }),
};

export const flagsWithoutEffect = {
  ...withoutEffect("there is no cloud provider", cloud),
  ...withoutEffect("flannel hands out the networks of pods", podNetworks),
  ...withoutEffect("volumes are directories of a node, made as their class says", volumes),
  ...withoutEffect("what has to be done is done at once", otherKinds),
  ...withoutEffect("nobody is approved or believed on such a flag", credentials),
  ...withoutEffect("changes are told, and need not be looked for", periods),
  ...withoutEffect("what is looked up is indexed", caches),
  ...withoutEffect("--node-eviction-rate has taken its place", past),
  ...withoutEffect("--controllers says what runs, and all start at once", switches),
} satisfies FlagSet;

function withoutEffect<S extends FlagSet>(noEffect: string, flags: S): S {
  const pairs = Object.entries<FlagDeclaration>(flags);
  return Object.fromEntries(pairs.map(([name, one]) => [name, { ...one, noEffect }])) as S;
}

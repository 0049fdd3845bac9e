import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFlags } from "../../src/component/flags.ts";
import { controllerManagerFlags } from "../../src/controller-manager/flags.ts";
import { optionsFrom } from "../../src/controller-manager/main.ts";

/** Every flag of kube-controller-manager in the documentation of 1.2, 1.4 and 1.5. */
const DOCUMENTED = `
  address allocate-node-cidrs allow-verification-with-non-compliant-keys cloud-config
  cloud-provider cluster-cidr cluster-name cluster-signing-cert-file
  cluster-signing-key-file concurrent-deployment-syncs concurrent-endpoint-syncs
  concurrent-gc-syncs concurrent-namespace-syncs concurrent-replicaset-syncs
  concurrent-resource-quota-syncs concurrent-service-syncs
  concurrent-serviceaccount-token-syncs concurrent_rc_syncs configure-cloud-routes
  controller-start-interval daemonset-lookup-cache-size deleting-pods-burst
  deleting-pods-qps deployment-controller-sync-period enable-dynamic-provisioning
  enable-garbage-collector enable-hostpath-provisioner feature-gates flex-volume-plugin-dir
  google-json-key horizontal-pod-autoscaler-sync-period
  insecure-experimental-approve-all-kubelet-csrs-for-group kube-api-burst
  kube-api-content-type kube-api-qps kubeconfig large-cluster-size-threshold leader-elect
  leader-elect-lease-duration leader-elect-renew-deadline leader-elect-retry-period
  log-flush-frequency master min-resync-period namespace-sync-period node-cidr-mask-size
  node-eviction-rate node-monitor-grace-period node-monitor-period node-startup-grace-period
  node-sync-period pod-eviction-timeout port profiling pv-recycler-increment-timeout-nfs
  pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs
  pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs
  pv-recycler-timeout-increment-hostpath pvclaimbinder-sync-period
  replicaset-lookup-cache-size replication-controller-lookup-cache-size
  resource-quota-sync-period root-ca-file route-reconciliation-period
  secondary-node-eviction-rate service-account-private-key-file service-cluster-ip-range
  service-sync-period terminated-pod-gc-threshold unhealthy-zone-threshold
  use-service-account-credentials
`
  .trim()
  .split(/\s+/)
  .map((name) => name.replaceAll("_", "-"));

const parse = (...args: string[]) => parseFlags(controllerManagerFlags, args);

describe("the flags of kube-controller-manager", () => {
  test("are all that were documented, or more", () => {
    expect(Object.keys(controllerManagerFlags)).toEqual(expect.arrayContaining(DOCUMENTED));
  });

  test("are those of a unit file of the time", () => {
    const args = [
      "--logtostderr=true",
      "--v=0",
      "--master=http://k8s-master:8080",
      "--concurrent_rc_syncs=9",
    ];
    const { values, warnings, notices } = parse(...args);
    expect([...warnings, ...notices]).toEqual([]);
    expect(optionsFrom(values)).toMatchObject({ concurrentRcSyncs: 9, controllers: ["*"] });
  });

  test("say why they do nothing here, unless what they ask for is so anyway", () => {
    const { warnings } = parse(
      "--cloud-provider=",
      "--service-cluster-ip-range=10.0.0.0/8",
      "--enable-garbage-collector",
    );
    expect(warnings).toEqual([
      "--service-cluster-ip-range has no effect here: flannel hands out the networks of pods",
    ]);
  });

  test("give nodes blocks of addresses, and load balancers theirs, or are refused in a sentence", () => {
    const { values } = parse(
      "--allocate-node-cidrs",
      "--cluster-cidr=10.244.0.0/16",
      "--load-balancer-addresses=10.0.0.1-10.0.0.9",
    );
    const options = optionsFrom(values);
    expect(options.nodeCidrs).toEqual({ clusterCidr: "10.244.0.0/16", maskSize: 24 });
    expect(options.loadBalancerAddresses!.text).toBe("10.0.0.1-10.0.0.9");
    expect(() => optionsFrom(parse("--allocate-node-cidrs").values)).toThrow(
      '--cluster-cidr must be an IPv4 block, not ""',
    );
  });

  test("reach the controllers", () => {
    const { values } = parse(
      "--node-monitor-grace-period=10s",
      "--pod-eviction-timeout=1m0s",
      "--terminated-pod-gc-threshold=5",
      "--controllers=*,-podgc",
    );
    expect(optionsFrom(values)).toMatchObject({
      nodeLifecycle: { nodeMonitorGracePeriodMs: 10_000, nodeEvictionRate: 0.1 },
      podEvictionTimeoutMs: 60_000,
      podGarbageCollector: { terminatedPodThreshold: 5 },
      controllers: ["*", "-podgc"],
    });
  });

  test("say how many of each kind may be in work at once, by the names of the original", () => {
    const { values, warnings } = parse(
      "--concurrent-daemonset-syncs=3",
      "--concurrent-statefulset-syncs=4",
      "--concurrent-ephemeralvolume-syncs=6",
      "--concurrent-horizontal-pod-autoscaler-syncs=7",
      "--concurrent-service-endpoint-syncs=8",
      "--concurrent-job-syncs=9",
      "--concurrent-cron-job-syncs=10",
      "--concurrent-ttl-after-finished-syncs=11",
      "--concurrent-validating-admission-policy-status-syncs=12",
    );
    expect(warnings).toEqual([]);
    expect(optionsFrom(values)).toMatchObject({
      concurrentDaemonSetSyncs: 3,
      concurrentStatefulSetSyncs: 4,
      concurrentEphemeralVolumeSyncs: 6,
      autoscaler: { workers: 7 },
      endpointSlices: { workers: 8 },
      concurrentJobSyncs: 9,
      concurrentCronJobSyncs: 10,
      concurrentTtlAfterFinishedSyncs: 11,
      concurrentPolicyStatusSyncs: 12,
    });
  });

  test("say how autoscalers judge", () => {
    const flags = ["sync-period=30s", "downscale-stabilization=1m0s", "tolerance=0.2"];
    const { values } = parse(...flags.map((flag) => `--horizontal-pod-autoscaler-${flag}`));
    expect(optionsFrom(values).autoscaler).toEqual({
      workers: 5,
      periodMs: 30_000,
      downscaleStabilizationMs: 60_000,
      tolerance: 0.2,
      cpuInitializationMs: 300_000,
      initialReadinessMs: 30_000,
    });
  });

  test("refuse a controller that is not known", () => {
    expect(() => optionsFrom(parse("--controllers=foo").values)).toThrow(
      '"foo" is not in the list of known controllers',
    );
  });

  test("give signers authorities of their own, or one to all, but not both", () => {
    const directory = mkdtempSync(join(tmpdir(), "kubeling-signers-"));
    const file = (name: string) => {
      writeFileSync(join(directory, name), name);
      return join(directory, name);
    };
    const options = (...args: string[]) =>
      optionsFrom(parse(...args.map((arg) => `--cluster-signing-${arg}`)).values).csrSigning;
    try {
      const [all, allKey] = [`cert-file=${file("ca")}`, `key-file=${file("ca-key")}`];
      const kubelets = `kubelet-client-cert-file=${file("kubelets")}`;
      const kubeletsKey = `kubelet-client-key-file=${file("kubelets-key")}`;
      expect(options()).toBeUndefined();
      expect(options(all, allKey, "duration=1h")).toEqual({
        authority: { certificate: "ca", key: "ca-key" },
        ...{ authorities: {}, durationMs: 3_600_000 },
      });
      expect(options(kubelets, kubeletsKey)?.authorities).toEqual({
        "kubernetes.io/kube-apiserver-client-kubelet": {
          certificate: "kubelets",
          key: "kubelets-key",
        },
      });
      expect(() => options(kubelets)).toThrow(
        '"cluster-signing-kubelet-client": cannot specify cert without key',
      );
      expect(() => options(kubeletsKey)).toThrow("cannot specify key without cert");
      expect(() => options(all, allKey, kubelets, kubeletsKey)).toThrow(
        "cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

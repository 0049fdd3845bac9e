/**
 * What must hold of a cluster in which nothing is broken and nobody writes: written from what
 * Kubernetes promises, with nothing of the controllers.
 */
import type { KubeObject } from "../../src/api/kind.ts";
import { hasEnded, isPodReady } from "../../src/api/pod-status.ts";
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from "../../src/api/storage/protection.ts";
import { CLEANUP_FINALIZER } from "../../src/controller-manager/load-balancer.ts";
import { boundComplaints } from "./bound-oracle.ts";
import { type ChaosCluster, ROOT_CA } from "./chaos-cluster.ts";
import { jobComplaints } from "./job-oracle.ts";
import { serviceComplaints } from "./service-oracle.ts";
import { naming, type View, viewOf } from "./view.ts";
import { isHeld, volumeComplaints, waitsForClaim } from "./volume-oracle.ts";
import { workloadComplaints } from "./workload-oracle.ts";

/** What objects of a kind have all the time, for the moment in which they are deleted. */
const STANDING: Record<string, string> = {
  PersistentVolumeClaim: CLAIM_PROTECTION,
  PersistentVolume: VOLUME_PROTECTION,
  Service: CLEANUP_FINALIZER,
};

/** Each a sentence; none: all is as it was asked for, no more and no fewer. */
export async function complaintsOf(cluster: ChaosCluster): Promise<string[]> {
  const view = await viewOf(cluster.user);
  return [
    ...remains(view),
    ...badPods(view),
    ...workloadComplaints(view),
    ...jobComplaints(view),
    ...serviceComplaints(view),
    ...volumeComplaints(view),
    ...boundComplaints(view, cluster.clock.now()),
    ...bareNamespaces(view),
    ...(await badMachines(cluster, view)),
  ];
}

/** Whatever was deleted is gone, and so is what belonged to it alone. */
function remains(view: View): string[] {
  const { all } = view;
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(
    all.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
  );
  return all.flatMap((obj) => {
    const { deletionTimestamp, ownerReferences = [], namespace } = obj.metadata;
    const finalizers = unusualFinalizers(obj);
    const isGoing = deletionTimestamp !== undefined && !isHeld(view, obj as never);
    const dangling = ownerReferences.filter(({ uid }) => !uids.has(uid));
    return [
      ...(isGoing ? [`${naming(obj)} is still being deleted`] : []),
      ...dangling.map(({ kind, name }) => `${naming(obj)} outlived its ${kind} ${name}`),
      ...finalizers.map((name) => `${naming(obj)} still has the finalizer ${name}`),
      ...(namespace && !namespaces.has(namespace) ? [`${naming(obj)} is in no namespace`] : []),
    ];
  });
}

function unusualFinalizers({ kind, metadata, spec }: KubeObject & { spec?: unknown }): string[] {
  const { finalizers = [] } = metadata;
  const isPlainService =
    kind === "Service" && (spec as { type?: string } | undefined)?.type !== "LoadBalancer";
  return finalizers.filter((name) => isPlainService || name !== STANDING[kind]);
}

function badPods(view: View): string[] {
  const { pods, nodes } = view;
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const complaints: string[] = [];
  const addresses = new Map<string, string>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    const name = naming(pod);
    if (nodeName && !names.has(nodeName))
      complaints.push(`${name} is on ${nodeName}, which is gone`);
    if (hasEnded(pod) || (!nodeName && waitsForClaim(view, pod))) continue;
    if (!nodeName) complaints.push(`${name} has no node`);
    if (!isPodReady(pod)) complaints.push(`${name} is ${pod.status?.phase} and not ready`);
    const ip = pod.status?.podIP ?? "none";
    if (addresses.has(ip))
      complaints.push(`${name} has the address of ${addresses.get(ip)}: ${ip}`);
    addresses.set(ip, name);
  }
  return complaints;
}

/** Every namespace has what its pods need: an account, and the certificate they know the server by. */
function bareNamespaces({ namespaces, accounts, configMaps }: View): string[] {
  const has = new Set(accounts.map(({ metadata }) => metadata.namespace));
  const knows = new Set(
    configMaps
      .filter(({ data }) => data?.["ca.crt"] === ROOT_CA)
      .map(({ metadata }) => metadata.namespace),
  );
  return namespaces.flatMap((namespace) => [
    ...(has.has(namespace.metadata.name) ? [] : [`${naming(namespace)} has no account`]),
    ...(knows.has(namespace.metadata.name) ? [] : [`${naming(namespace)} knows no certificate`]),
  ]);
}

/** Every machine is a node, and runs exactly the pods that are bound to it. */
async function badMachines({ machines }: ChaosCluster, { pods, nodes }: View): Promise<string[]> {
  const complaints = differing(
    "the nodes are",
    nodes.map(({ metadata }) => metadata.name),
    machines.map(({ name }) => name),
  );
  for (const { name, runtime } of machines) {
    const bound = pods.filter((pod) => pod.spec.nodeName === name && !hasEnded(pod));
    const uids = bound.map(({ metadata }) => metadata.uid);
    const ready = (await runtime.listSandboxes()).filter(({ state }) => state === "ready");
    const running = (await runtime.listContainers()).filter(({ state }) => state === "running");
    complaints.push(
      ...differing(
        `${name} has sandboxes for`,
        ready.map(({ pod }) => pod.uid),
        uids,
      ),
      ...differing(
        `${name} runs containers for`,
        running.map(({ pod }) => pod.uid),
        uids,
      ),
    );
  }
  return complaints;
}

/** A complaint, unless both have the same values, each as often. */
export function differing(what: string, there: unknown[], wanted: unknown[]): string[] {
  const [is, ought] = [there, wanted].map((values) => JSON.stringify(values.map(String).sort()));
  return is === ought ? [] : [`${what} ${is}, not ${ought}`];
}

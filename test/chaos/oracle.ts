/**
 * What must hold of a cluster in which nothing is broken and nobody writes: written from what
 * Kubernetes promises, with nothing of the controllers.
 */
import { SERVICE_NAME_LABEL } from "../../src/api/discovery/endpoint-slice.ts";
import { hasEnded, isPodActive, isPodReady } from "../../src/api/pod-status.ts";
import type { ChaosCluster } from "./chaos-cluster.ts";
import { jobComplaints } from "./job-oracle.ts";
import { naming, type View, viewOf } from "./view.ts";
import { workloadComplaints } from "./workload-oracle.ts";

/** Each a sentence; none: all is as it was asked for, no more and no fewer. */
export async function complaintsOf(cluster: ChaosCluster): Promise<string[]> {
  const view = await viewOf(cluster.user);
  return [
    ...remains(view),
    ...badPods(view),
    ...workloadComplaints(view),
    ...jobComplaints(view),
    ...badEndpoints(view),
    ...badBudgets(view),
    ...namespacesWithoutAccount(view),
    ...(await badMachines(cluster, view)),
  ];
}

/** Whatever was deleted is gone, and so is what belonged to it alone. */
function remains({ all }: View): string[] {
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(
    all.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
  );
  return all.flatMap((obj) => {
    const { deletionTimestamp, ownerReferences = [], finalizers = [], namespace } = obj.metadata;
    const dangling = ownerReferences.filter(({ uid }) => !uids.has(uid));
    return [
      ...(deletionTimestamp ? [`${naming(obj)} is still being deleted`] : []),
      ...dangling.map(({ kind, name }) => `${naming(obj)} outlived its ${kind} ${name}`),
      ...finalizers.map((name) => `${naming(obj)} still has the finalizer ${name}`),
      ...(namespace && !namespaces.has(namespace) ? [`${naming(obj)} is in no namespace`] : []),
    ];
  });
}

function badPods({ pods, nodes }: View): string[] {
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const complaints: string[] = [];
  const addresses = new Map<string, string>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    const name = naming(pod);
    if (nodeName && !names.has(nodeName))
      complaints.push(`${name} is on ${nodeName}, which is gone`);
    if (hasEnded(pod)) continue;
    if (!nodeName) complaints.push(`${name} has no node`);
    if (!isPodReady(pod)) complaints.push(`${name} is ${pod.status?.phase} and not ready`);
    const ip = pod.status?.podIP ?? "none";
    if (addresses.has(ip))
      complaints.push(`${name} has the address of ${addresses.get(ip)}: ${ip}`);
    addresses.set(ip, name);
  }
  return complaints;
}

/** The ready pods that a service selects, and no others, are its endpoints; in its slices as well. */
function badEndpoints({ services, endpoints, slices, pods }: View): string[] {
  const chosen = services.filter(({ spec }) => Object.keys(spec.selector ?? {}).length > 0);
  return chosen.flatMap((service) => {
    const { namespace, name } = service.metadata;
    const wanted = pods
      .filter((pod) => pod.metadata.namespace === namespace && isPodActive(pod) && isPodReady(pod))
      .filter((pod) => isSelected(pod.metadata.labels, service.spec.selector))
      .map((pod) => pod.status?.podIP);
    const own = endpoints.find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
    );
    const there = (own?.subsets ?? []).flatMap(({ addresses = [] }) =>
      addresses.map(({ ip }) => ip),
    );
    const waiting = (own?.subsets ?? []).flatMap(({ notReadyAddresses = [] }) => notReadyAddresses);
    const sliced = slices
      .filter(({ metadata }) => metadata.namespace === namespace)
      .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name)
      .flatMap((slice) => slice.endpoints);
    const isReady = ({ conditions }: (typeof sliced)[number]) =>
      conditions?.ready === true && conditions.serving === true && !conditions.terminating;
    return [
      ...differing(`${naming(service)} leads to`, there, wanted),
      ...differing(
        `the slices of ${naming(service)} lead to`,
        sliced.map((endpoint) => `${endpoint.addresses} ${isReady(endpoint)}`),
        wanted.map((ip) => `${ip} true`),
      ),
      ...waiting.map(({ ip }) => `${naming(service)} still waits for ${ip}`),
    ];
  });
}

function badBudgets({ budgets, pods }: View): string[] {
  return budgets.flatMap((budget) => {
    const { selector, minAvailable } = budget.spec ?? {};
    const selected = pods.filter(
      (pod) =>
        pod.metadata.namespace === budget.metadata.namespace &&
        isPodActive(pod) &&
        isSelected(pod.metadata.labels, selector?.matchLabels),
    );
    const { currentHealthy, disruptionsAllowed } = budget.status ?? {};
    // The other budgets need every pod to have a controller with a scale.
    if (minAvailable !== 1) return [];
    const name = naming(budget);
    const allowed = Math.max(0, selected.length - 1);
    return [
      ...differing(`${name} counts`, [currentHealthy], [selected.length]),
      ...differing(`${name} allows`, [disruptionsAllowed], [allowed]),
    ];
  });
}

function namespacesWithoutAccount({ namespaces, accounts }: View): string[] {
  const has = new Set(accounts.map(({ metadata }) => metadata.namespace));
  return namespaces
    .filter(({ metadata }) => !has.has(metadata.name))
    .map((namespace) => `${naming(namespace)} has no account`);
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

function isSelected(labels: Record<string, string> = {}, wanted: Record<string, string> = {}) {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** A complaint, unless both have the same values, each as often. */
export function differing(what: string, there: unknown[], wanted: unknown[]): string[] {
  const [is, ought] = [there, wanted].map((values) => JSON.stringify(values.map(String).sort()));
  return is === ought ? [] : [`${what} ${is}, not ${ought}`];
}

/**
 * The labels a kubelet may give its own node: what it knows of its machine, and what has nothing to do with
 * Kubernetes. Those of node-restriction.kubernetes.io are the administrator's, so pods can trust them.
 *
 * In Kubernetes: staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go
 */
const OWN = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "node.kubernetes.io/instance-type",
  "beta.kubernetes.io/instance-type",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);
const OWN_NAMESPACES = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const RESTRICTED = "node-restriction.kubernetes.io";

export function mayNodeSet(label: string): boolean {
  const slash = label.indexOf("/");
  const namespace = slash < 0 ? "" : label.slice(0, slash);
  if (isWithin(namespace, RESTRICTED)) return false;
  const isKubernetes = isWithin(namespace, "kubernetes.io") || isWithin(namespace, "k8s.io");
  if (!isKubernetes || OWN.has(label)) return true;
  return OWN_NAMESPACES.some((own) => isWithin(namespace, own));
}

function isWithin(namespace: string, domain: string): boolean {
  return namespace === domain || namespace.endsWith(`.${domain}`);
}

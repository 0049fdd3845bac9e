/**
 * The three hosts of the lab: their names and addresses are the course's, and everything else about
 * them is in deploy/, as on real machines.
 */
export interface Host {
  name: string;
  address: string;
  role: "master" | "node";
}

export const HOSTS: readonly Host[] = [
  { name: "k8s-master", address: "10.211.55.12", role: "master" },
  { name: "node1", address: "10.211.55.21", role: "node" },
  { name: "node2", address: "10.211.55.22", role: "node" },
];

/** What answers as the hosts' gateway: nobody, but flannel asks for a default route. */
export const GATEWAY = "10.211.55.1";
/** The network namespace of the bridge that stands for the switch between the hosts. */
export const LAN = "k8s-lan";
/** Containers of host NAME are in this cgroup, under NAME. */
export const CGROUP = "kubeling-hosts";

/** Where a host's network namespace is to be found. */
export const namespaceOf = (name: string) => `/run/netns/${name}`;

export function hostNamed(name: string): Host | undefined {
  return HOSTS.find((host) => host.name === name);
}

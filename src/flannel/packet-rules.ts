/**
 * The rules of the packet filter for pods' packets, as a pure function.
 *
 *   nat     what leaves the network wears the host's address, for nobody outside knows the way to a
 *           pod; what stays inside keeps its own (--ip-masq)
 *   filter  packets from and to pods may pass; Docker's policy is to drop them (--iptables-forward-rules)
 *
 * In Kubernetes: github.com/flannel-io/flannel/network/iptables.go (0.20)
 */
import type { TableName } from "../component/iptables.ts";
import { formatSubnet, type Subnet } from "./subnet.ts";

/** A chain of our own, and the rule in one of the kernel's that leads there. */
export interface RuleChain {
  table: TableName;
  /** The kernel's: POSTROUTING. */
  parent: string;
  name: string;
  /** As iptables-save prints them, without the "-A CHAIN". */
  jump: string;
  rules: readonly string[];
}

const MASQ = '-m comment --comment "flanneld masq"';
const FORWARD = '-m comment --comment "flanneld forward"';
/** kube-proxy's sign for what it will masquerade itself: twice goes wrong in some kernels. */
const KUBE_PROXY_MARK = "0x4000/0x4000";

export function masqueradeRules(
  network: Subnet,
  subnet: Subnet,
  hasRandomFully: boolean,
): RuleChain {
  const [all, own] = [formatSubnet(network), formatSubnet(subnet)];
  const masquerade = hasRandomFully ? "MASQUERADE --random-fully" : "MASQUERADE";
  return {
    table: "nat",
    parent: "POSTROUTING",
    name: "FLANNEL-POSTRTG",
    jump: `${MASQ} -j FLANNEL-POSTRTG`,
    rules: [
      `-m mark --mark ${KUBE_PROXY_MARK} ${MASQ} -j RETURN`,
      `-s ${all} -d ${all} ${MASQ} -j RETURN`,
      `-s ${all} ! -d 224.0.0.0/4 ${MASQ} -j ${masquerade}`,
      // From outside straight to a pod of this host: it must see who is calling.
      `! -s ${all} -d ${own} ${MASQ} -j RETURN`,
      `! -s ${all} -d ${all} ${MASQ} -j ${masquerade}`,
    ],
  };
}

export function forwardRules(network: Subnet): RuleChain {
  const all = formatSubnet(network);
  return {
    table: "filter",
    parent: "FORWARD",
    name: "FLANNEL-FWD",
    jump: `${FORWARD} -j FLANNEL-FWD`,
    rules: [`-s ${all} ${FORWARD} -j ACCEPT`, `-d ${all} ${FORWARD} -j ACCEPT`],
  };
}

/** Whether what iptables-save prints has the chain as it should be, and the jump to it. */
export function isInPlace({ parent, name, jump, rules }: RuleChain, saved: string): boolean {
  const lines = saved.split("\n").map((line) => line.trimEnd());
  const own = lines.filter((line) => line.startsWith(`-A ${name} `));
  const wanted = rules.map((rule) => `-A ${name} ${rule}`);
  const isSame = own.length === wanted.length && own.every((line, i) => line === wanted[i]);
  return isSame && lines.includes(`-A ${parent} ${jump}`);
}

/**
 * The text for `iptables-restore --noflush` that puts it in place: our chain is emptied and filled,
 * and the jump to it becomes the first rule. Of the kernel's chain nothing else is touched.
 */
export function restoreText(
  { table, parent, name, jump, rules }: RuleChain,
  saved: string,
): string {
  const jumps = saved.split("\n").filter((line) => line.trimEnd() === `-A ${parent} ${jump}`);
  return [
    `*${table}`,
    `:${name} - [0:0]`,
    ...jumps.map(() => `-D ${parent} ${jump}`),
    `-I ${parent} 1 ${jump}`,
    ...rules.map((rule) => `-A ${name} ${rule}`),
    "COMMIT",
    "",
  ].join("\n");
}

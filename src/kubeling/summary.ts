/** What `kubeling up` prints once the cluster is ready: what runs, since when, and how to reach it. */
import { relative } from "node:path";
import type { DataDirectory } from "./data-directory.ts";
import type { UpFlags } from "./up-flags.ts";

export interface Summary {
  flags: UpFlags;
  nodes: string[];
  directory: DataDirectory;
  /** From the start of the process. */
  tookMs: number;
}

export function summaryOf({ flags, nodes, directory, tookMs }: Summary): string {
  const without = new Set(flags.without);
  const address = flags["bind-address"];
  const kinds = ["controller-manager", "scheduler"].filter((name) => !without.has(name));
  const runs = without.has("kubelet") ? kinds : [...kinds, nodesOf(nodes, flags.runtime)];
  const store =
    flags["etcd-servers"].length > 0 ? flags["etcd-servers"].join(",") : directory.store;
  return [
    `kubeling is ready in ${(tookMs / 1000).toFixed(2)} s: ${["apiserver", ...runs].join(", ")}`,
    `  store      ${store}`,
    ...(flags.port === 0 ? [] : [`  plain      http://${address}:${flags.port}`]),
    `  secure     https://${address}:${flags["secure-port"]}`,
    ...(isLoopback(address) || flags.port === 0 ? [] : [OPEN_TO_ALL]),
    "",
    `  export KUBECONFIG=${shown(directory.kubeconfig)}`,
    "  kubectl get nodes",
    "",
    "Ctrl-C stops it.",
    "",
  ].join("\n");
}

const OPEN_TO_ALL =
  "  WARNING    whoever reaches the plain port is the administrator; --port=0 closes it";

function nodesOf(names: string[], runtime: string): string {
  if (names.length === 0) return "no nodes";
  const range = names.length > 2 ? `${names[0]} to ${names.at(-1)}` : names.join(" and ");
  return `${range} (${runtime})`;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Short from where the user stands. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : `$PWD/${short}`;
}

/** The flags of `kubeling up`, and what is wrong with a combination of them. */
import { isIP } from "node:net";
import { authorizationModesOf } from "../apiserver/security-settings.ts";
import { StartError } from "../component/daemon.ts";
import { type Flags, flag } from "../component/flags.ts";
import { AddressPool } from "../controller-manager/load-balancer/address-pool.ts";
import { OPTIONAL_COMPONENTS, type OptionalComponent } from "./cluster.ts";
import { MOST_NODES } from "./simulated-nodes.ts";

export const upFlags = {
  nodes: flag("int", 2, "How many simulated nodes; with --runtime=docker it is always one."),
  runtime: flag("string", "simulated", "What runs containers: `simulated` or docker."),
  "data-dir": flag("string", ".kubeling", "The `directory` in which everything is kept."),
  port: flag("int", 8080, "The port for plain HTTP, without authentication; 0 for none."),
  "secure-port": flag("int", 6443, "The port for HTTPS with client certificates."),
  "bind-address": flag("ip", "127.0.0.1", "The `address` to listen on."),
  "etcd-servers": flag(
    "strings",
    [],
    "The `URLs` of an etcd to use in place of the embedded store.",
  ),
  "service-cluster-ip-range": flag(
    "string",
    "10.254.0.0/16",
    "The `CIDR` services get addresses of.",
  ),
  "load-balancer-addresses": flag(
    "strings",
    [],
    "The `ranges` of addresses that services of type LoadBalancer get theirs from: 10.0.0.1-10.0.0.9, " +
      "10.0.0.0/28 or 10.0.0.1.",
  ),
  "authorization-mode": flag(
    "strings",
    ["Node", "RBAC"],
    "Who may do what: `modes` as kube-apiserver has them, in order; AlwaysAllow lets everybody.",
  ),
  "docker-endpoint": flag("string", "unix:///var/run/docker.sock", "Where Docker listens."),
  "pod-infra-container-image": flag(
    "string",
    "registry.k8s.io/pause:3.9",
    "The `image` whose container holds the network of each pod.",
  ),
  without: flag(
    "strings",
    [],
    `The \`components\` to leave out: ${OPTIONAL_COMPONENTS.join(", ")}.`,
  ),
  v: flag("int", 0, "How much to log: 0 is little, 4 is much.", { shorthand: "v" }),
};

export type UpFlags = Flags<typeof upFlags>;

/** Throws a StartError, in one sentence, for values that make no sense. */
export function checkUpFlags(flags: UpFlags, given: ReadonlySet<string>): void {
  const { nodes, runtime, without } = flags;
  const modes = authorizationModesOf(flags["authorization-mode"]);
  const needsFile = modes.find((mode) => mode === "ABAC" || mode === "Webhook");
  if (needsFile !== undefined) {
    throw new StartError(`--authorization-mode=${needsFile} needs a file; use kube-apiserver`);
  }
  if (runtime !== "simulated" && runtime !== "docker") {
    throw new StartError(`--runtime must be simulated or docker, not ${JSON.stringify(runtime)}`);
  }
  if (runtime === "docker" && given.has("nodes") && nodes !== 1) {
    throw new StartError("--runtime=docker runs one node, this machine; leave out --nodes");
  }
  if (nodes < 0 || nodes > MOST_NODES) {
    throw new StartError(`--nodes must be from 0 to ${MOST_NODES}, not ${nodes}`);
  }
  for (const name of ["port", "secure-port"] as const) {
    const least = name === "port" ? 0 : 1;
    if (flags[name] < least || flags[name] > 65_535) {
      throw new StartError(`--${name} must be from ${least} to 65535, not ${flags[name]}`);
    }
  }
  if (!isIP(flags["bind-address"])) throw new StartError("--bind-address must be an IP address");
  checkAddresses(flags["load-balancer-addresses"]);
  const unknown = without.find((name) => !isOptional(name));
  if (unknown !== undefined) {
    throw new StartError(
      `--without takes ${OPTIONAL_COMPONENTS.join(", ")}, not ${JSON.stringify(unknown)}`,
    );
  }
}

function checkAddresses(ranges: readonly string[]): void {
  try {
    new AddressPool(ranges);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StartError(`--load-balancer-addresses: ${error.message}`);
  }
}

export function isOptional(name: string): name is OptionalComponent {
  return (OPTIONAL_COMPONENTS as readonly string[]).includes(name);
}

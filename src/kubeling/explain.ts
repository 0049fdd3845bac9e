/**
 * `kubeling explain service NAME`: the way a connection to a service takes through a node's rules, in words.
 *
 * Needs no root and no kernel: the rules are a pure function of the service and its endpoints, and are
 * compiled here as kube-proxy compiles them on the node.
 */
import { Endpoints } from "../api/endpoints.ts";
import { ApiError, isNotFound } from "../api/errors.ts";
import { Service } from "../api/service.ts";
import { Client } from "../client/client.ts";
import { FlagError, flag, HelpRequested, parseFlags } from "../component/flags.ts";
import { flagUsages } from "../component/usage.ts";
import { explainService } from "../proxy/explain.ts";
import { DEFAULT_OPTIONS } from "../proxy/iptables-options.ts";
import { PROXY_MODES, type ProxyModeName } from "../proxy/mode.ts";
import { accessFlags, connectToCluster, type Terminal, whileAwake } from "./cluster-access.ts";

const explainFlags = {
  ...accessFlags,
  node: flag("string", "node1", "The `name` of the node whose rules are explained."),
  "proxy-mode": flag(
    "string",
    "iptables",
    `The \`mode\` of its kube-proxy: ${PROXY_MODES.join(", ")}.`,
  ),
  "cluster-cidr": flag("string", "", "The CIDR of the pods, as its kube-proxy was told."),
};

const ABOUT = `Explain the way of a connection to a service, chain by chain, with the odds of each endpoint.

Usage:
  kubeling explain service NAME [flags]

Flags:
`;

/** Resolves to the exit code. */
export async function explain(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positional } = parseFlags(explainFlags, args);
    const [what, name, ...others] = positional;
    if (what !== "service" || name === undefined || others.length > 0) {
      throw new FlagError("expected: kubeling explain service NAME");
    }
    await whileAwake(async () => terminal.stdout(await explained(name, values, terminal.env)));
    return 0;
  } catch (error) {
    if (error instanceof HelpRequested) {
      terminal.stdout(ABOUT + flagUsages(explainFlags));
      return 0;
    }
    if (error instanceof FlagError) terminal.stderr(`error: ${error.message}\n`);
    else if (error instanceof ApiError) terminal.stderr(`Error from server: ${error.message}\n`);
    else throw error;
    return 1;
  }
}

type ExplainValues = ReturnType<typeof parseFlags<typeof explainFlags>>["values"];

async function explained(
  name: string,
  flags: ExplainValues,
  env: Terminal["env"],
): Promise<string> {
  const mode = flags["proxy-mode"];
  if (!isMode(mode)) {
    throw new FlagError(
      `--proxy-mode must be ${PROXY_MODES.join(" or ")}, not ${JSON.stringify(mode)}`,
    );
  }
  const clusterCIDR = flags["cluster-cidr"];
  const connection = connectToCluster(flags, env);
  const client = new Client(connection.transport, connection.headers);
  try {
    const service = await client.get(Service, connection.namespace, name);
    const endpoints = await client.get(Endpoints, connection.namespace, name).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const iptables = { ...DEFAULT_OPTIONS, ...(clusterCIDR && { clusterCIDR }) };
    return explainService({ service, endpoints, nodeName: flags.node, mode, iptables });
  } finally {
    connection.close();
  }
}

function isMode(text: string): text is ProxyModeName {
  return (PROXY_MODES as readonly string[]).includes(text);
}

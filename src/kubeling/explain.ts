/**
 * `kubeling explain service|pod|rc NAME`: why something is as it is, in words.
 *
 * Of a service, the way a connection to it takes through a node's rules: this needs no root and no kernel, since
 * the rules are a pure function of the service and its endpoints, and are compiled here as kube-proxy compiles
 * them on the node. Of a pod, the scheduler's decision; of a replication controller, what it did.
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
import { explainPod } from "./explain-pod.ts";
import { explainRc } from "./explain-rc.ts";

const explainFlags = {
  ...accessFlags,
  node: flag("string", "node1", "The `name` of the node whose rules are explained."),
  "proxy-mode": flag(
    "string",
    "iptables",
    `The \`mode\` of its kube-proxy: ${PROXY_MODES.join(", ")}.`,
  ),
  "cluster-cidr": flag("string", "", "The CIDR of the pods, as its kube-proxy was told."),
  scheduler: flag(
    "string",
    "http://127.0.0.1:10251",
    "The `address` of the scheduler, where it does not run with the API server.",
  ),
};

const ABOUT = `Explain why something is as it is.

Usage:
  kubeling explain service NAME [flags]   the way of a connection, chain by chain, with the odds of each endpoint
  kubeling explain pod NAME [flags]       why it was placed where it is: each filter's verdict, each score
  kubeling explain rc NAME [flags]        why it made or removed which pods, and which would go next

Flags:
`;

/** Resolves to the exit code. */
export async function explain(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positional } = parseFlags(explainFlags, args);
    const [what, name, ...others] = positional;
    const subject = SUBJECTS[what ?? ""];
    if (subject === undefined || name === undefined || others.length > 0) {
      throw new FlagError("expected: kubeling explain service|pod|rc NAME");
    }
    await whileAwake(async () => terminal.stdout(await explained(subject, name, values, terminal)));
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

interface Question {
  client: Client;
  namespace: string;
  name: string;
  flags: ExplainValues;
  now: Date;
}

type Subject = (question: Question) => Promise<string>;

const SUBJECTS: Readonly<Record<string, Subject>> = {
  service: serviceInWords,
  pod: (question) => explainPod({ ...question, scheduler: question.flags.scheduler }),
  rc: explainRc,
  replicationcontroller: explainRc,
};

async function explained(
  subject: Subject,
  name: string,
  flags: ExplainValues,
  { env, clock }: Terminal,
): Promise<string> {
  const connection = connectToCluster(flags, env);
  const { transport, headers, namespace } = connection;
  try {
    const client = new Client(transport, headers);
    return await subject({ client, namespace, name, flags, now: clock.now() });
  } finally {
    connection.close();
  }
}

async function serviceInWords({ client, namespace, name, flags }: Question): Promise<string> {
  const mode = flags["proxy-mode"];
  if (!isMode(mode)) {
    throw new FlagError(
      `--proxy-mode must be ${PROXY_MODES.join(" or ")}, not ${JSON.stringify(mode)}`,
    );
  }
  const clusterCIDR = flags["cluster-cidr"];
  const service = await client.get(Service, namespace, name);
  const endpoints = await client.get(Endpoints, namespace, name).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const iptables = { ...DEFAULT_OPTIONS, ...(clusterCIDR && { clusterCIDR }) };
  return explainService({ service, endpoints, nodeName: flags.node, mode, iptables });
}

function isMode(text: string): text is ProxyModeName {
  return (PROXY_MODES as readonly string[]).includes(text);
}

/**
 * How the sub-commands reach a cluster, as kubectl does: by --kubeconfig, $KUBECONFIG, the usual file, or
 * --server.
 *
 * In Kubernetes: staging/src/k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { type Connection, connect } from "../client/kubeconfig.ts";
import type { Clock } from "../component/clock.ts";
import { type Flags, flag } from "../component/flags.ts";

/** What a sub-command is given of the process it runs in. */
export interface Terminal {
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  stdout(text: string): void;
  stderr(text: string): void;
}

export const accessFlags = {
  namespace: flag("string", "", "The namespace.", { shorthand: "n" }),
  server: flag("string", "", "The address and port of the Kubernetes API server", {
    shorthand: "s",
  }),
  kubeconfig: flag("string", "", "Path to the kubeconfig file to use."),
  context: flag("string", "", "The name of the kubeconfig context to use"),
};

/** The connection, with the namespace that was asked for or else is the context's. */
export function connectToCluster(
  flags: Flags<typeof accessFlags>,
  env: Terminal["env"],
): Connection {
  const { kubeconfig, server: master, context, namespace } = flags;
  const connection = connect({
    kubeconfig: kubeconfig || usualKubeconfig(env, master),
    ...{ master, userAgent: "kubeling" },
    ...(context && { context }),
  });
  return { ...connection, namespace: namespace || connection.namespace };
}

/** Where kubectl looks too; a server that was named needs none. */
function usualKubeconfig(env: Terminal["env"], server: string): string {
  if (env.KUBECONFIG) return env.KUBECONFIG;
  const usual = join(env.HOME ?? homedir(), ".kube", "config");
  return server === "" && existsSync(usual) ? usual : "";
}

/** Timers do not keep a process alive by themselves; an open port does. */
export async function whileAwake(work: () => Promise<void>): Promise<void> {
  const { port1 } = new MessageChannel();
  port1.on("message", () => undefined);
  try {
    await work();
  } finally {
    port1.close();
  }
}

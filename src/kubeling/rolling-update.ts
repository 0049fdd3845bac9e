/**
 * `kubeling rolling-update OLD [NEW] --image=IMAGE | -f FILE`: replaces the pods of a replication controller one
 * by one by those of another, from the outside, as kubectl did before there were Deployments.
 *
 * In Kubernetes: kubectl rolling-update (pkg/kubectl/cmd/rollingupdate.go, up to 1.17). Differs: a rollback
 * ends by naming the controller it went back to, where kubectl asked for the one it had deleted.
 */
import { ApiError, isNotFound } from "../api/errors.ts";
import { Client } from "../client/client.ts";
import { FlagError, HelpRequested, parseFlags } from "../component/flags.ts";
import { flagUsages } from "../component/usage.ts";
import { connectToCluster, type Terminal, whileAwake } from "./cluster-access.ts";
import { cleanUp, findSuccessor, rename } from "./rolling-update/cleanup.ts";
import {
  argumentErrors,
  type RollingUpdateFlags,
  rollingUpdateFlags,
} from "./rolling-update/flags.ts";
import { planOf, type Request, reversed } from "./rolling-update/plan.ts";
import { RollingUpdateError, Session } from "./rolling-update/session.ts";
import { runUpdate } from "./rolling-update/updater.ts";

const ABOUT = `Perform a rolling update of the given ReplicationController.

Replaces the specified replication controller with a new replication controller by updating one pod
at a time to use the new PodTemplate. The new controller must specify the same namespace as the
existing replication controller and overwrite at least one (common) label in its selector.

Usage:
  kubeling rolling-update OLD_CONTROLLER_NAME ([NEW_CONTROLLER_NAME] --image=NEW_CONTAINER_IMAGE | -f NEW_CONTROLLER_SPEC)

Flags:
`;

/** Resolves to the exit code. */
export async function rollingUpdate(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positional } = parseFlags(rollingUpdateFlags, args);
    const errors = argumentErrors(values, positional);
    for (const error of errors) {
      terminal.stderr(`error: ${error}\nSee 'kubeling rolling-update -h' for help and examples.\n`);
    }
    if (errors.length > 0) return 1;
    await whileAwake(() => run(values, positional, terminal));
    return 0;
  } catch (error) {
    if (error instanceof HelpRequested) {
      terminal.stdout(ABOUT + flagUsages(rollingUpdateFlags));
      return 0;
    }
    terminal.stderr(`${sentenceOf(error)}\n`);
    return 1;
  }
}

async function run(
  flags: RollingUpdateFlags,
  [oldName = "", newName = ""]: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const connection = connectToCluster(flags, terminal.env);
  const session = new Session({
    client: new Client(connection.transport, connection.headers),
    namespace: connection.namespace,
    clock: terminal.clock,
    print: (line) => terminal.stdout(`${line}\n`),
    pollMs: flags["poll-interval"],
    timeoutMs: flags.timeout,
  });
  const request: Request = {
    ...{ oldName, newName },
    file: flags.filename[0] ?? "",
    image: flags.image,
    container: flags.container,
    pullPolicy: flags["image-pull-policy"],
    deploymentKey: flags["deployment-label-key"],
    isRollback: flags.rollback,
    isDryRun: flags["dry-run"],
  };
  try {
    await update(session, request, flags["update-period"]);
  } finally {
    connection.close();
  }
}

async function update(session: Session, request: Request, updatePeriodMs: number): Promise<void> {
  const { oldName } = request;
  const current = await session.get(oldName).catch((error: unknown) => {
    if (isNotFound(error) && request.image !== "" && request.newName === "") return undefined;
    throw error;
  });
  // Cut off after the old one was deleted, and before its successor had its name.
  if (current === undefined) {
    return rename(session, await findSuccessor(session, oldName), oldName);
  }
  const asked = await planOf(session, request, current);
  if (request.isDryRun) {
    const names = `Rolling from:\n${asked.old.metadata.name}\nTo:\n${asked.next.metadata.name}`;
    return session.print(names);
  }
  const plan = request.isRollback ? await reversed(session, asked) : asked;
  const { old, next } = await runUpdate(session, { ...plan, updatePeriodMs });
  await cleanUp(session, old, next, plan.policy);
  const isSameName = plan.policy === "rename" || request.isRollback;
  const end = isSameName ? "" : ` to ${JSON.stringify(next.metadata.name)}`;
  session.print(`replicationcontroller ${JSON.stringify(oldName)} rolling updated${end}`);
}

/** In kubectl's words. Anything unforeseen keeps its stack. */
function sentenceOf(error: unknown): string {
  if (error instanceof RollingUpdateError || error instanceof FlagError) {
    return `error: ${error.message}`;
  }
  if (error instanceof ApiError) {
    const { reason } = error.status;
    return `Error from server${reason ? ` (${reason})` : ""}: ${error.message}`;
  }
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? (stack ?? String(error)) : `error: ${message}`;
}

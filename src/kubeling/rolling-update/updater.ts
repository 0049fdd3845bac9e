/**
 * The rolling update itself: the new controller grows as the old one shrinks, a few pods at a time, and each
 * step waits for the one before it.
 *
 * All it knows is on the two controllers; it can be stopped anywhere, and run again to go on.
 *
 * In Kubernetes: RollingUpdater in pkg/kubectl/rolling_updater.go (up to 1.17)
 */
import { isPodAvailable } from "../../api/pod-status.ts";
import { ReplicationController } from "../../api/replication-controller.ts";
import { sleep } from "../../component/clock.ts";
import {
  annotate,
  annotationOf,
  DESIRED_REPLICAS,
  ORIGINAL_REPLICAS,
  SOURCE_ID,
  sourceIdOf,
} from "./annotations.ts";
import { type Bounds, boundsOf, isDone, nextDown, nextUp, type Sizes } from "./arithmetic.ts";
import { podsOf } from "./mark-old.ts";
import { RollingUpdateError, type Session } from "./session.ts";

export interface Update {
  old: ReplicationController;
  /** Not yet created, where this is not the continuation of an update. */
  next: ReplicationController;
  updatePeriodMs: number;
}

const MAX_SURGE = 1;
const MAX_UNAVAILABLE = 0;
const NO_PROGRESS = "timed out waiting for any update progress to be made";

/** Resolves to the two controllers when the new one has all the pods. */
export async function runUpdate(session: Session, update: Update) {
  const next = await createOrContinue(session, update);
  const text = annotationOf(next, DESIRED_REPLICAS) ?? "";
  if (!/^-?\d+$/.test(text)) {
    const { name } = next.metadata;
    throw new RollingUpdateError(
      `Unable to parse annotation for ${name}: ${DESIRED_REPLICAS}=${text}`,
    );
  }
  const old = await noteOriginalSize(session, update.old);
  const bounds = boundsOf(Number(text), MAX_SURGE, MAX_UNAVAILABLE);
  announce(session, old, next, bounds);
  await move(session, { old, next, updatePeriodMs: update.updatePeriodMs }, bounds);
  return { old, next };
}

async function createOrContinue(session: Session, { old, next }: Update) {
  const { name } = next.metadata;
  const sourceId = sourceIdOf(old);
  const existing = name ? await session.find(name) : undefined;
  if (existing === undefined) {
    const created = await createEmpty(session, next, sourceId);
    session.print(`Created ${created.metadata.name}`);
    return created;
  }
  const { annotations = {} } = existing.metadata;
  if (annotations[SOURCE_ID] !== sourceId || annotations[DESIRED_REPLICAS] === undefined) {
    throw new RollingUpdateError(
      `Missing/unexpected annotations for controller ${name}, expected ${sourceId} : ${goMap(annotations)}`,
    );
  }
  session.print(`Continuing update with existing controller ${name}.`);
  return existing;
}

function createEmpty({ client, namespace }: Session, next: ReplicationController, source: string) {
  const { replicas = 0 } = next.spec;
  if (replicas <= 0) {
    throw new RollingUpdateError(
      `Invalid controller spec for ${next.metadata.name}; required: > 0 replicas, actual: ${replicas}`,
    );
  }
  const draft = { ...next, spec: { ...next.spec, replicas: 0 }, metadata: { ...next.metadata } };
  annotate(draft, { [DESIRED_REPLICAS]: String(replicas), [SOURCE_ID]: source });
  return client.create(ReplicationController, namespace, draft);
}

function noteOriginalSize(session: Session, old: ReplicationController) {
  if (annotationOf(old, ORIGINAL_REPLICAS) !== undefined) return session.get(old.metadata.name);
  return session.change(old.metadata.name, (rc) =>
    annotate(rc, { [ORIGINAL_REPLICAS]: String(rc.spec.replicas) }),
  );
}

function announce(
  { print }: Session,
  old: ReplicationController,
  next: ReplicationController,
  { desired, minAvailable, maxSurge }: Bounds,
): void {
  const up = `Scaling up ${next.metadata.name} from ${next.spec.replicas} to ${desired}`;
  const down = `scaling down ${old.metadata.name} from ${old.spec.replicas} to 0`;
  const limits = `(keep ${minAvailable} pods available, don't exceed ${desired + maxSurge} pods)`;
  print(`${up}, ${down} ${limits}`);
}

async function move(session: Session, update: Update, bounds: Bounds): Promise<void> {
  const { clock, timeoutMs } = session;
  let { old, next } = update;
  let deadlineMs = clock.monotonicMs() + timeoutMs;
  while (!isDone(sizesOf(old, next), bounds)) {
    const before = sizesOf(old, next);
    next = await scaleUp(session, old, next, bounds);
    await sleep(clock, update.updatePeriodMs);
    old = await scaleDown(session, old, next, bounds);
    const after = sizesOf(old, next);
    if (after.old !== before.old || after.new !== before.new) {
      deadlineMs = clock.monotonicMs() + timeoutMs;
    } else if (clock.monotonicMs() > deadlineMs) {
      throw new RollingUpdateError(NO_PROGRESS);
    }
  }
}

async function scaleUp(
  session: Session,
  old: ReplicationController,
  next: ReplicationController,
  bounds: Bounds,
): Promise<ReplicationController> {
  const size = nextUp(sizesOf(old, next), bounds);
  if (size === undefined) return next;
  session.print(`Scaling ${next.metadata.name} up to ${size}`);
  return session.scale(next.metadata.name, size);
}

async function scaleDown(
  session: Session,
  old: ReplicationController,
  next: ReplicationController,
  bounds: Bounds,
): Promise<ReplicationController> {
  if (old.spec.replicas === 0) return old;
  const size = nextDown(sizesOf(old, next), await readyOf(session, next), bounds);
  if (size === undefined) return old;
  session.print(`Scaling ${old.metadata.name} down to ${size}`);
  return session.scale(old.metadata.name, size);
}

/** What is about to go counts no longer. */
async function readyOf(session: Session, { spec }: ReplicationController): Promise<number> {
  const pods = await podsOf(session, spec.selector);
  const now = session.clock.now();
  return pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && isPodAvailable(pod, 0, now),
  ).length;
}

function sizesOf(old: ReplicationController, next: ReplicationController): Sizes {
  return { old: old.spec.replicas ?? 0, new: next.spec.replicas ?? 0 };
}

/** As Go prints a map. */
function goMap(map: Record<string, string>): string {
  const pairs = Object.keys(map)
    .toSorted()
    .map((key) => `${key}:${map[key]}`);
  return `map[${pairs.join(" ")}]`;
}

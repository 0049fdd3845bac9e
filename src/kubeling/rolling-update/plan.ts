/**
 * From what was asked to what is to be done: which controller is the old one, which the new, and what
 * becomes of their names.
 *
 * In Kubernetes: RollingUpdateOptions.Run in pkg/kubectl/cmd/rollingupdate.go (up to 1.17). Differs: a dry run does not
 * even mark the old pods.
 */
import type { ReplicationController } from "../../api/replication-controller.ts";
import {
  annotate,
  annotationOf,
  DESIRED_REPLICAS,
  NEXT_CONTROLLER,
  ORIGINAL_REPLICAS,
  SOURCE_ID,
  sourceIdOf,
} from "./annotations.ts";
import type { CleanupPolicy } from "./cleanup.ts";
import { controllerFromFile } from "./controller-file.ts";
import { controllerForImage, hashOf } from "./controller-for-image.ts";
import { markOld } from "./mark-old.ts";
import { RollingUpdateError, type Session } from "./session.ts";

export interface Request {
  oldName: string;
  /** "" where it was not given. */
  newName: string;
  file: string;
  image: string;
  container: string;
  pullPolicy: string;
  deploymentKey: string;
  isRollback: boolean;
  isDryRun: boolean;
}

export interface Plan {
  old: ReplicationController;
  next: ReplicationController;
  policy: CleanupPolicy;
}

export async function planOf(
  session: Session,
  request: Request,
  current: ReplicationController,
): Promise<Plan> {
  const { old, next } = await controllersOf(session, request, current);
  if (next.metadata.name === request.oldName) {
    throw new RollingUpdateError(
      `${request.file} cannot have the same name as the existing ReplicationController ${request.oldName}`,
    );
  }
  if (!differ(old, next)) {
    throw new RollingUpdateError(
      `${request.file} must specify a matching key with non-equal value in Selector for ${request.oldName}`,
    );
  }
  const keepsName = request.image !== "" && request.newName === "";
  return { old, next, policy: keepsName ? "rename" : "delete" };
}

async function controllersOf(session: Session, request: Request, current: ReplicationController) {
  const newName = request.newName || (annotationOf(current, NEXT_CONTROLLER) ?? "");
  if (request.isRollback) {
    const next = newName === "" ? undefined : await session.find(newName);
    if (next === undefined) throw new RollingUpdateError(`Could not find ${newName} to rollback.`);
    return { old: current, next };
  }
  if (request.image !== "") return withImage(session, request, current, newName);
  const next = controllerFromFile(request.file, session.namespace);
  next.spec ??= {} as ReplicationController["spec"];
  if (next.spec.replicas === undefined && current.spec.replicas !== undefined) {
    next.spec.replicas = current.spec.replicas;
  }
  return { old: current, next };
}

async function withImage(
  session: Session,
  request: Request,
  current: ReplicationController,
  newName: string,
) {
  const existing = newName === "" ? undefined : await session.find(newName);
  const next = existing ?? controllerForImage(current, imageChange(request, current, newName));
  if (existing !== undefined) {
    const image = existing.spec.template.spec.containers[0]?.image;
    if (image !== request.image) {
      throw new RollingUpdateError(
        `Found existing in-progress update to image (${image}).\nEither continue in-progress update with --image=${image} or rollback with --rollback`,
      );
    }
    session.print(`Found existing update in progress (${existing.metadata.name}), resuming.`);
  }
  // The same image again would have the same digest.
  const mark = { key: request.deploymentKey, value: `${hashOf(current)}-orig` };
  if (request.isDryRun) {
    const selector = { [mark.key]: mark.value, ...current.spec.selector };
    return { old: { ...current, spec: { ...current.spec, selector } }, next };
  }
  return { old: await markOld(session, current, next.metadata.name, mark), next };
}

function imageChange(request: Request, current: ReplicationController, newName: string) {
  const { image, container, deploymentKey } = request;
  const isSame = current.spec.template.spec.containers[0]?.image === image;
  if (isSame && request.pullPolicy === "") {
    throw new RollingUpdateError(
      "--image-pull-policy (Always|Never|IfNotPresent) must be provided when --image is the same as existing container image",
    );
  }
  const pullPolicy = isSame ? request.pullPolicy : "";
  return { image, container, deploymentKey, newName, pullPolicy };
}

/** By one label at least the two must tell their pods apart. */
function differ(old: ReplicationController, next: ReplicationController): boolean {
  const selector = next.spec.selector ?? next.spec.template?.metadata?.labels ?? {};
  return Object.entries(old.spec.selector ?? {}).some(
    ([key, value]) => selector[key] !== undefined && selector[key] !== value,
  );
}

/** The way back is an update with the parts exchanged. */
export async function reversed(session: Session, { old, next }: Plan): Promise<Plan> {
  const size = annotationOf(old, ORIGINAL_REPLICAS);
  const { name } = old.metadata;
  if (size === undefined) {
    throw new RollingUpdateError(`couldn't find original replica count of ${JSON.stringify(name)}`);
  }
  session.print(`Setting ${JSON.stringify(name)} replicas to ${size}`);
  const noted = await session.change(name, (rc) =>
    annotate(rc, { [SOURCE_ID]: sourceIdOf(next), [DESIRED_REPLICAS]: size }),
  );
  return { old: next, next: noted, policy: "delete" };
}

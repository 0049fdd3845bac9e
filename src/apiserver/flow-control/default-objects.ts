/**
 * Makes the FlowSchemas and priority levels every cluster has, and keeps in the status of each FlowSchema whether its
 * level is there. Two of each must be as they are, and are put right at every start; those that are only suggested
 * stay as somebody has changed them, if their annotation says so.
 *
 * In Kubernetes: pkg/registry/flowcontrol/{rest,ensurer}, apf_controller.go (syncFlowSchemaStatus). Differs: the
 * objects are looked at when the server starts, not every minute.
 */
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { MANDATORY_LEVELS, SUGGESTED_LEVELS } from "../../api/flowcontrol/default-levels.ts";
import { MANDATORY_SCHEMAS, SUGGESTED_SCHEMAS } from "../../api/flowcontrol/default-schemas.ts";
import { DANGLING, FlowSchema } from "../../api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "../../api/flowcontrol/priority-level-configuration.ts";
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import { type Clock, pause, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { systemContext } from "../bootstrap.ts";
import type { Registry } from "../registry.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

const AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";

const LOOK_AFTER_MS = 100;

export interface FlowObjectsOptions {
  registry: Registry;
  cache: WatchCache;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

export async function ensureFlowObjects(options: FlowObjectsOptions): Promise<void> {
  const { registry } = options;
  const ensure = (kind: unknown, isMandatory: boolean) => (wanted: KubeObject) =>
    ensureObject(registry, kind as Kind, wanted, isMandatory);
  // Before the schemas: none of them shall be found without its level.
  await Promise.all([
    ...MANDATORY_LEVELS.map(ensure(PriorityLevelConfiguration, true)),
    ...SUGGESTED_LEVELS.map(ensure(PriorityLevelConfiguration, false)),
  ]);
  await Promise.all([
    ...MANDATORY_SCHEMAS.map(ensure(FlowSchema, true)),
    ...SUGGESTED_SCHEMAS.map(ensure(FlowSchema, false)),
  ]);
  new DanglingSchemas(options).start();
}

async function ensureObject(
  registry: Registry,
  kind: Kind,
  wanted: KubeObject,
  isMandatory: boolean,
): Promise<void> {
  const { name } = wanted.metadata;
  try {
    const { metadata, spec } = await registry.get(kind, "", name);
    const isOurs = isMandatory || metadata.annotations?.[AUTO_UPDATE] === "true";
    // The share of "exempt" is anybody's to change.
    if (!isOurs || name === "exempt" || JSON.stringify(spec) === JSON.stringify(wanted.spec))
      return;
    const target = { kind, namespace: "", name, subresource: "" };
    const change = (now: KubeObject | undefined) => ({ ...(now ?? wanted), spec: wanted.spec });
    await registry.update(target, change, systemContext);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const metadata = { name, annotations: { [AUTO_UPDATE]: "true" } };
    const fresh = structuredClone({ ...wanted, metadata }) as KubeObject;
    await registry.create(kind, "", fresh, systemContext).catch((failed) => {
      if (!isAlreadyExists(failed)) throw failed;
    });
  }
}

class DanglingSchemas {
  readonly #options: FlowObjectsOptions;
  #isWaiting = false;

  constructor(options: FlowObjectsOptions) {
    this.#options = options;
  }

  start(): void {
    for (const kind of [FlowSchema, PriorityLevelConfiguration]) this.#follow(kind as Kind);
    this.#look();
  }

  /** What changes in a little while is looked at once. */
  #look(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { clock, log, signal } = this.#options;
    void pause(clock, LOOK_AFTER_MS, signal).then(async () => {
      this.#isWaiting = false;
      if (signal.aborted) return;
      try {
        await this.#writeAll();
      } catch (error) {
        if (!signal.aborted) log.error("Cannot write the status of flow schemas", error);
      }
    });
  }

  async #writeAll(): Promise<void> {
    const { cache, registry, clock } = this.#options;
    const listed = (kind: unknown) => cache.resource(storageKey(kind as Kind)).list().items;
    const levels = new Set(
      listed(PriorityLevelConfiguration).map(({ object }) => object.metadata.name),
    );
    for (const { object } of listed(FlowSchema)) {
      const schema = object as FlowSchema;
      const { name } = schema.metadata;
      const condition = conditionOf(schema, levels);
      const current = schema.status?.conditions?.find(({ type }) => type === DANGLING);
      if (current?.status === condition.status && current.message === condition.message) continue;
      const target = { kind: FlowSchema as Kind, namespace: "", name, subresource: "status" };
      const stamped = { ...condition, lastTransitionTime: toApiTime(clock.now()) };
      const change = (now: KubeObject | undefined) => withCondition(now ?? schema, stamped);
      await registry.update(target, change, systemContext).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  #follow(kind: Kind): void {
    const { cache } = this.#options;
    const resource = cache.resource(storageKey(kind));
    resource.watch(resource.revision, {
      onEvents: () => this.#look(),
      onError: () => queueMicrotask(() => !cache.isStopped && this.#follow(kind)),
    });
  }
}

function conditionOf({ spec }: FlowSchema, levels: ReadonlySet<string>) {
  const { name } = spec.priorityLevelConfiguration;
  const start = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  return levels.has(name)
    ? { type: DANGLING, status: "False", reason: "Found", message: `${start} and it exists` }
    : {
        ...{ type: DANGLING, status: "True", reason: "NotFound" },
        message: `${start} but there is no such object`,
      };
}

function withCondition(object: KubeObject, condition: object): KubeObject {
  const schema = object as FlowSchema;
  const others = (schema.status?.conditions ?? []).filter(({ type }) => type !== DANGLING);
  return { ...schema, status: { ...schema.status, conditions: [...others, condition] } };
}

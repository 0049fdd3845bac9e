/**
 * Group commit: while one batch of writes is on its way to the disk the next one gathers, so that a
 * hundred writers wait for one sync and not for a hundred.
 *
 * A batch is checked write by write, in order of arrival, each one against what those before it leave
 * behind. Nobody learns of a write, not even its loser, before the batch is durable.
 *
 * In Kubernetes: etcd's raft log and backend batch.
 */
import type { History, Version } from "./history.ts";
import { type KeyValue, UnavailableError, type WriteResult } from "./store.ts";

/** Compare and swap: `expectedRevision` 0 asks that the key does not exist; no value deletes. */
export interface Write {
  key: string;
  value: Buffer | undefined;
  expectedRevision: number;
}

interface Waiting {
  write: Write;
  resolve(result: WriteResult): void;
  reject(error: Error): void;
}

export interface GroupCommitOptions {
  history: History;
  /** Resolves once the versions are safe. */
  persist(versions: Version[]): Promise<void>;
  /** Called when they are: from now on everybody may see them. */
  publish(versions: Version[]): void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  /** Set once and for ever: after a failed sync nobody knows what the disk holds. */
  #stopped: UnavailableError | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  write(write: Write): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(this.#stopped);
      this.#waiting.push({ write, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Refuses further writes and waits for those that were accepted. */
  async stop(reason: string): Promise<void> {
    this.#stopped ??= new UnavailableError(reason);
    await this.#running;
  }

  async #run(): Promise<void> {
    await undefined; // Writes of the same turn go into one batch.
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#commit(batch);
      } catch (error) {
        this.#fail(batch, error as Error);
      }
    }
    this.#running = undefined;
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const { history, persist, publish } = this.#options;
    const staged = new Map<string, Version>();
    const versions: Version[] = [];
    const results = batch.map(({ write }) => {
      const current = staged.get(write.key) ?? history.get(write.key);
      const refused = refusal(write, current);
      if (refused) return refused;
      const version = versionOf(write, current, history.revision + versions.length + 1);
      staged.set(write.key, version);
      versions.push(version);
      return { succeeded: true as const, revision: version.modRevision };
    });
    if (versions.length > 0) {
      await persist(versions);
      publish(versions);
    }
    for (const [i, waiting] of batch.entries()) waiting.resolve(results[i]!);
  }

  #fail(batch: Waiting[], error: Error): void {
    this.#stopped = new UnavailableError(`the store has failed: ${error.message}`, {
      cause: error,
    });
    for (const waiting of [...batch, ...this.#waiting]) waiting.reject(this.#stopped);
    this.#waiting = [];
  }
}

function refusal(write: Write, current: Version | undefined): WriteResult | undefined {
  const exists = current?.value !== undefined;
  const isExpected = (exists ? current.modRevision : 0) === write.expectedRevision;
  const isDeletable = write.value !== undefined || exists;
  if (isExpected && isDeletable) return undefined;
  return { succeeded: false, current: exists ? (current as KeyValue) : undefined };
}

function versionOf({ key, value }: Write, current: Version | undefined, revision: number): Version {
  const createRevision = current?.value === undefined ? revision : current.createRevision;
  return { key, value, createRevision, modRevision: revision };
}

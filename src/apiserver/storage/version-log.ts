/**
 * The versions on disk: a LevelDB directory in which every revision is one record, as in etcd.
 *
 *   000000000000002a -> {"key":"/registry/pods/default/web","createRevision":42} NEWLINE value
 *   000000000000002b -> {"key":"/registry/pods/default/web","createRevision":42,"isDeleted":true} NEWLINE
 *   compactRevision  -> 17
 *
 * A batch is written whole or not at all, and synced before append() resolves.
 */
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import type { History, Version } from "./history.ts";

export interface VersionLog {
  append(versions: Version[]): Promise<void>;
  /** Removes what a compaction has made superfluous. */
  compact(compactRevision: number, superseded: number[]): Promise<void>;
  close(): Promise<void>;
}

/** Another process holds the directory. */
export class InUseError extends Error {
  override readonly name = "InUseError";
}

/** The directory cannot be made, or not be written to. */
export class NotWritableError extends Error {
  override readonly name = "NotWritableError";
}

type Database = ClassicLevel<string, Buffer>;

const COMPACT_REVISION = "compactRevision";
const NEWLINE = 0x0a;
const READ_AT_ONCE = 1_000;

/** Opens the directory, makes it where it is missing, and fills `history` with what it holds. */
export async function openVersionLog(directory: string, history: History): Promise<VersionLog> {
  await makeWritable(directory);
  const database: Database = new ClassicLevel(directory, { valueEncoding: "buffer" });
  await open(database, directory);
  await read(database, history);
  return {
    append: (versions) => database.batch(versions.map(putOf), { sync: true }),
    compact: (compactRevision, superseded) =>
      database.batch(
        [
          { type: "put", key: COMPACT_REVISION, value: Buffer.from(String(compactRevision)) },
          ...superseded.map((revision) => ({ type: "del" as const, key: recordKey(revision) })),
        ],
        { sync: true },
      ),
    close: () => database.close(),
  };
}

async function makeWritable(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
  } catch (error) {
    const reason = (error as Error).message;
    throw new NotWritableError(`data directory ${directory} cannot be written to: ${reason}`);
  }
}

async function open(database: Database, directory: string): Promise<void> {
  try {
    await database.open();
  } catch (error) {
    const cause = ((error as Error).cause ?? error) as Error & { code?: string };
    if (cause.code === "LEVEL_LOCKED") {
      throw new InUseError(`data directory ${directory} is in use by another process`);
    }
    throw new Error(`data directory ${directory} cannot be opened: ${cause.message}`, { cause });
  }
}

async function read(database: Database, history: History): Promise<void> {
  const compactRevision = await database.get(COMPACT_REVISION);
  history.restore(Number(compactRevision ?? 0));
  const iterator = database.iterator({ lt: COMPACT_REVISION });
  for (;;) {
    const entries = await iterator.nextv(READ_AT_ONCE);
    if (entries.length === 0) break;
    for (const [key, record] of entries) history.add(decode(key, record));
  }
  await iterator.close();
  history.finishRestore();
}

function putOf(version: Version) {
  const { key, value, createRevision, modRevision } = version;
  const isDeleted = value === undefined ? { isDeleted: true } : {};
  const header = `${JSON.stringify({ key, createRevision, ...isDeleted })}\n`;
  const record = Buffer.concat([Buffer.from(header), value ?? Buffer.alloc(0)]);
  return { type: "put" as const, key: recordKey(modRevision), value: record };
}

function decode(recordKey: string, record: Buffer): Version {
  const end = record.indexOf(NEWLINE);
  const { key, createRevision, isDeleted } = JSON.parse(record.toString("utf8", 0, end));
  const value = isDeleted ? undefined : record.subarray(end + 1);
  return { key, value, createRevision, modRevision: Number.parseInt(recordKey, 16) };
}

/** Sixteen hexadecimal digits, so that the records lie in order of revision. */
function recordKey(revision: number): string {
  return revision.toString(16).padStart(16, "0");
}

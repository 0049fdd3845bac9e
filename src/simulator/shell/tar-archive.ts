/**
 * The tar format, as much of it as `kubectl cp` needs: blocks of 512 bytes, a header before each file.
 * Reads names that are long, in the ways of POSIX (pax) and GNU; writes them the way of GNU.
 */

export interface TarEntry {
  /** "etc/hosts"; of a directory without the slash at its end. */
  name: string;
  isDirectory: boolean;
  content: Buffer;
}

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const LONG_NAME = "L";
const DIRECTORY = "5";
const PAX_HEADER = "x";

/** Where each field of a header is: its offset and its length. */
const FIELDS = {
  name: [0, NAME_BYTES],
  mode: [100, 8],
  user: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

export function archiveOf(entries: TarEntry[], modified: Date): Buffer {
  const blocks = entries.flatMap(({ name, isDirectory, content }) => {
    const path = Buffer.from(isDirectory ? `${name}/` : name);
    const long = Buffer.concat([path, Buffer.alloc(1)]);
    return [
      ...(path.length > NAME_BYTES
        ? [header(Buffer.from("././@LongLink"), LONG_NAME, long.length, modified), padded(long)]
        : []),
      header(path, isDirectory ? DIRECTORY : "0", content.length, modified),
      padded(content),
    ];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** Throws for bytes that are no archive, or that end in the middle of a file. */
export function entriesOf(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= archive.length; ) {
    const block = archive.subarray(at, at + BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) break;
    if (numberIn(block, "checksum") !== checksumOf(block)) throw new Error("invalid tar magic");
    const size = numberIn(block, "size");
    const content = archive.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    if (content.length < size) throw new Error("short read");
    at += BLOCK_BYTES + roundedUp(size);
    const type = textIn(block, "type");
    if (type === LONG_NAME) longName = content.toString().replace(/\0+$/, "");
    else if (type === PAX_HEADER) longName = / path=(.*)\n/.exec(content.toString())?.[1];
    else if (type === DIRECTORY || type === "0" || type === "") {
      const name = (longName ?? nameIn(block)).replace(/\/+$/, "");
      entries.push({ name, isDirectory: type === DIRECTORY, content: Buffer.from(content) });
      longName = undefined;
    } else longName = undefined;
  }
  return entries;
}

function header(name: Buffer, type: string, size: number, modified: Date): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const put = (field: keyof typeof FIELDS, text: string) => block.write(text, FIELDS[field][0]);
  name.copy(block, 0, 0, NAME_BYTES);
  put("mode", type === DIRECTORY ? "0000755" : "0000644");
  put("user", "0000000");
  put("group", "0000000");
  put("size", size.toString(8).padStart(11, "0"));
  put(
    "modified",
    Math.floor(modified.getTime() / 1000)
      .toString(8)
      .padStart(11, "0"),
  );
  put("type", type);
  put("magic", "ustar  ");
  put("checksum", `${checksumOf(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** The sum of all bytes of the header, where those of the sum itself count as blanks. */
function checksumOf(block: Buffer): number {
  const [from, length] = FIELDS.checksum;
  return block.reduce((sum, byte, at) => sum + (at >= from && at < from + length ? 0x20 : byte), 0);
}

function nameIn(block: Buffer): string {
  // What GNU writes there is not a prefix: its magic ends in blanks.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textIn(block, "prefix") : "";
  return prefix === "" ? textIn(block, "name") : `${prefix}/${textIn(block, "name")}`;
}

function textIn(block: Buffer, field: keyof typeof FIELDS): string {
  const [from, length] = FIELDS[field];
  return block.toString("utf8", from, from + length).replace(/\0[\s\S]*$/, "");
}

function numberIn(block: Buffer, field: keyof typeof FIELDS): number {
  return Number.parseInt(textIn(block, field).trim() || "0", 8);
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc(roundedUp(content.length) - content.length)]);
}

function roundedUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Prefixes as etcd has them: a range of keys from the prefix to the first key after all that begin with it. */
export interface Range {
  key: Buffer;
  range_end: Buffer;
}

/** etcd's word for "no end", and for "from the first key". */
const ZERO = Buffer.from([0]);

/** The keys that begin with `prefix`, from `from` on. */
export function rangeOf(prefix: string, from = prefix): Range {
  const start = from > prefix ? from : prefix;
  return { key: start === "" ? ZERO : Buffer.from(start), range_end: endOf(Buffer.from(prefix)) };
}

function endOf(prefix: Buffer): Buffer {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last === -1) return ZERO;
  const end = Buffer.from(prefix.subarray(0, last + 1));
  end[last]! += 1;
  return end;
}

/**
 * A map whose keys are kept in order, so that "all keys that begin with this" is one slice.
 *
 * The entries lie in chunks of at most CHUNK_SIZE, because inserting into one array of 100,000 would move
 * half of it each time. Keys compare as JavaScript compares strings; that is byte order for every key
 * without characters beyond U+FFFF.
 *
 * In Kubernetes: the B-tree in etcd (server/mvcc/index.go) and in the watch cache.
 */
const CHUNK_SIZE = 512;

interface Chunk<V> {
  keys: string[];
  values: V[];
}

/** Where a key is, or would be: a chunk, and a place in it. */
interface Position {
  chunk: number;
  index: number;
}

export class SortedMap<V> {
  /** Never empty ones; the keys of each are all smaller than those of the next. */
  readonly #chunks: Chunk<V>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const { chunk, index } = this.#positionOf(key);
    const found = this.#chunks[chunk];
    return found?.keys[index] === key ? found.values[index] : undefined;
  }

  set(key: string, value: V): void {
    const { chunk, index } = this.#positionOf(key);
    const home = this.#chunks[chunk] ?? this.#chunks.at(-1);
    if (home === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#size = 1;
    } else if (home.keys[index] === key && chunk < this.#chunks.length) {
      home.values[index] = value;
    } else {
      const place = chunk < this.#chunks.length ? index : home.keys.length;
      home.keys.splice(place, 0, key);
      home.values.splice(place, 0, value);
      this.#size++;
      if (home.keys.length > CHUNK_SIZE) this.#split(home);
    }
  }

  delete(key: string): void {
    const { chunk, index } = this.#positionOf(key);
    const home = this.#chunks[chunk];
    if (home?.keys[index] !== key) return;
    home.keys.splice(index, 1);
    home.values.splice(index, 1);
    this.#size--;
    if (home.keys.length === 0) this.#chunks.splice(chunk, 1);
  }

  /** The values of the keys that begin with `prefix` and are not before `from`, in order. */
  values(prefix = "", from = prefix): V[] {
    const start = this.#positionOf(from > prefix ? from : prefix);
    const bound = endOf(prefix);
    const end = bound === undefined ? this.#end() : this.#positionOf(bound);
    const found: V[] = [];
    for (let i = start.chunk; i <= end.chunk && i < this.#chunks.length; i++) {
      const { values } = this.#chunks[i]!;
      const first = i === start.chunk ? start.index : 0;
      const last = i === end.chunk ? end.index : values.length;
      for (let j = first; j < last; j++) found.push(values[j]!);
    }
    return found;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#size = 0;
  }

  #end(): Position {
    return { chunk: this.#chunks.length, index: 0 };
  }

  /** The first place whose key is not smaller than `key`. */
  #positionOf(key: string): Position {
    const chunk = firstNotBefore(this.#chunks.length, (i) => this.#chunks[i]!.keys.at(-1)! >= key);
    const home = this.#chunks[chunk];
    if (home === undefined) return this.#end();
    const index = firstNotBefore(home.keys.length, (i) => home.keys[i]! >= key);
    return { chunk, index };
  }

  #split(home: Chunk<V>): void {
    const half = home.keys.length >> 1;
    const second = { keys: home.keys.splice(half), values: home.values.splice(half) };
    this.#chunks.splice(this.#chunks.indexOf(home) + 1, 0, second);
  }
}

/** The smallest string that is greater than every string that begins with `prefix`. */
export function endOf(prefix: string): string | undefined {
  if (prefix === "") return undefined;
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}

/** Binary search: the first of `length` places at which `isReached` holds. */
function firstNotBefore(length: number, isReached: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

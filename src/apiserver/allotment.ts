/**
 * What can be had once: which key has which value of a set, cluster IPs or node ports. One value may be
 * held by one key; a key may hold several.
 *
 * In Kubernetes: pkg/registry/core/service/allocator. Differs: not kept in the store itself, but derived from the
 * services that are there.
 */
export class Allotment<V> {
  readonly #holders = new Map<V, string>();
  readonly #held = new Map<string, Set<V>>();

  /** Takes `value` for `key`; false where another has it. */
  take(value: V, key: string): boolean {
    const holder = this.#holders.get(value);
    if (holder !== undefined && holder !== key) return false;
    this.#holders.set(value, key);
    const held = this.#held.get(key) ?? new Set();
    this.#held.set(key, held.add(value));
    return true;
  }

  has(value: V): boolean {
    return this.#holders.has(value);
  }

  isHeldBy(value: V, key: string): boolean {
    return this.#holders.get(value) === key;
  }

  get size(): number {
    return this.#holders.size;
  }

  release(value: V, key: string): void {
    if (this.#holders.get(value) !== key) return;
    this.#holders.delete(value);
    this.#held.get(key)?.delete(value);
  }

  /** From now on `key` holds these and no others. */
  set(key: string, values: readonly V[]): void {
    for (const value of this.#held.get(key) ?? []) this.release(value, key);
    this.#held.delete(key);
    for (const value of values) this.take(value, key);
  }
}

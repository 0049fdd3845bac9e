/**
 * A heap of keyed items: the first one in `order` at once, any other by its key.
 *
 * Its rule: an item's place in `order` must not change while it is inside.
 *
 * In Kubernetes: pkg/scheduler/internal/heap/heap.go
 */
export class Heap<T extends { key: string }> {
  readonly #order: (a: T, b: T) => number;
  readonly #items: T[] = [];
  readonly #positions = new Map<string, number>();

  constructor(order: (a: T, b: T) => number) {
    this.#order = order;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): T | undefined {
    const position = this.#positions.get(key);
    return position === undefined ? undefined : this.#items[position];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in, in place of one with the same key. */
  push(item: T): void {
    this.delete(item.key);
    this.#place(item, this.#items.length);
    this.#rise(this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first) this.delete(first.key);
    return first;
  }

  delete(key: string): void {
    const position = this.#positions.get(key);
    if (position === undefined) return;
    this.#positions.delete(key);
    const last = this.#items.pop()!;
    if (position === this.#items.length) return;
    this.#place(last, position);
    this.#rise(position);
    this.#sink(this.#positions.get(last.key)!);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#order(this.#items[at]!, this.#items[parent]!) >= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const isBefore =
          child < this.#items.length && this.#order(this.#items[child]!, this.#items[first]!) < 0;
        if (isBefore) first = child;
      }
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a]!;
    this.#place(this.#items[b]!, a);
    this.#place(item, b);
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    this.#positions.set(item.key, position);
  }
}

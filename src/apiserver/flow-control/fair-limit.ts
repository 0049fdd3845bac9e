/**
 * So many requests at a time, and no flow (mostly: a user) in the way of another: while all seats are taken, each
 * flow has a queue, and a seat that becomes free goes to the one that has the fewest; of equals, to the one that has
 * waited longest.
 *
 * Where there is room, and there nearly always is, it costs a count.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/util/flowcontrol/fairqueuing. Differs: a queue for each flow, as
 * long as the hand of queues that a flow is dealt there; who waits too long for a seat is refused, as there.
 */
import { tooManyRequests } from "../../api/errors.ts";
import type { Clock, Timer } from "../../component/clock.ts";

export interface FairLimitOptions {
  /** How many at a time; 0 for no limit. */
  seats: number;
  clock: Clock;
  /** How many of one flow may wait; 0: who finds no seat is refused. */
  queueLength?: number;
  /** How long one may wait. */
  patienceMs?: number;
  /** From which further seats are borrowed. */
  pool?: SeatPool;
}

export interface LimitSize {
  seats: number;
  queueLength: number;
  /** How many of the seats others may use as well: they are in the pool. Default: none. */
  lent?: number;
  /** How many seats it may have besides its own. Default: as many as there are. */
  borrowing?: number;
}

/** Seats that several limits share: who needs one has it, and one that is given back goes to them in turn. */
export class SeatPool {
  free = 0;
  #size = 0;
  #limits: FairLimit[] = [];

  resize(size: number, limits: Iterable<FairLimit>): void {
    this.free += size - this.#size;
    this.#size = size;
    this.#limits = [...limits];
  }

  /** May be more than there are, where the pool has become smaller. */
  take(count: number): void {
    this.free -= count;
  }

  giveBack(): void {
    this.free++;
    const next = this.#limits.find(({ waiting }) => waiting > 0);
    if (next === undefined) return;
    // To the end of those who are asked.
    this.#limits = [...this.#limits.filter((one) => one !== next), next];
    for (const limit of [next, ...this.#limits]) limit.serve();
  }
}

interface Waiting {
  go(): void;
  timer: Timer;
}

const QUEUE_LENGTH = 300;
const PATIENCE_MS = 15_000;
const RETRY_AFTER_SECONDS = 1;

export class FairLimit {
  readonly #clock: Clock;
  #queueLength: number;
  readonly #patienceMs: number;
  readonly #running = new Map<string, number>();
  /** Users in the order in which they were served last. */
  readonly #queues = new Map<string, Waiting[]>();
  readonly rejected = { "queue-full": 0, "concurrency-limit": 0, "time-out": 0 };
  /** How many there are now; 0 for no limit. */
  seats: number;
  /** Of those, how many are in the pool. */
  #lent = 0;
  #borrowing = 0;
  readonly #pool: SeatPool | undefined;
  inFlight = 0;
  waiting = 0;

  constructor({ seats, clock, queueLength, patienceMs, pool }: FairLimitOptions) {
    this.#pool = pool;
    this.seats = seats;
    this.#clock = clock;
    this.#queueLength = queueLength ?? QUEUE_LENGTH;
    this.#patienceMs = patienceMs ?? PATIENCE_MS;
  }

  /** From now on it is so large. */
  resize({ seats, queueLength, lent = 0, borrowing = Number.POSITIVE_INFINITY }: LimitSize): void {
    const before = this.pooled;
    this.seats = seats;
    this.#queueLength = queueLength;
    this.#lent = lent;
    this.#borrowing = borrowing;
    this.#pool?.take(this.pooled - before);
    this.serve();
  }

  /** How many of its requests have seats of the pool. */
  get pooled(): number {
    return this.#pool === undefined ? 0 : Math.max(this.inFlight - this.#kept, 0);
  }

  /** Lets in who waits, as far as there is room. */
  serve(): void {
    while (this.waiting > 0 && this.#hasRoom()) this.#next();
  }

  /** Seats that nobody else may use. */
  get #kept(): number {
    return this.seats - this.#lent;
  }

  /** Takes a seat if one is free; otherwise the caller has to `wait`. */
  enter(user: string): boolean {
    if (!this.#hasRoom()) return false;
    this.#seat(user);
    return true;
  }

  #hasRoom(): boolean {
    if (this.seats === 0 || this.inFlight < this.#kept) return true;
    const isFree = this.#pool !== undefined && this.#pool.free > 0;
    return isFree && this.inFlight < this.seats + this.#borrowing;
  }

  /** Resolves when it has a seat; rejects with the 429 where there is no end in sight. */
  wait(user: string): Promise<void> {
    if (this.#queueLength === 0) return Promise.reject(this.#refuse("concurrency-limit"));
    const queue = this.#queues.get(user) ?? [];
    if (queue.length >= this.#queueLength) return Promise.reject(this.#refuse("queue-full"));
    this.#queues.set(user, queue);
    this.waiting++;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#remove(user, one);
        reject(this.#refuse("time-out"));
      };
      const one: Waiting = { go: resolve, timer: this.#clock.setTimeout(giveUp, this.#patienceMs) };
      queue.push(one);
    });
  }

  leave(user: string): void {
    const wasPooled = this.pooled > 0;
    this.inFlight--;
    const left = this.#running.get(user)! - 1;
    if (left === 0) this.#running.delete(user);
    else this.#running.set(user, left);
    if (wasPooled) this.#pool!.giveBack();
    else if (this.#queues.size > 0 && this.#hasRoom()) this.#next();
  }

  #seat(user: string): void {
    this.inFlight++;
    if (this.pooled > 0) this.#pool!.take(1);
    this.#running.set(user, (this.#running.get(user) ?? 0) + 1);
  }

  #next(): void {
    let chosen: string | undefined;
    for (const user of this.#queues.keys()) {
      if (chosen === undefined || this.#countOf(user) < this.#countOf(chosen)) chosen = user;
    }
    const queue = this.#queues.get(chosen!)!;
    const one = queue.shift()!;
    one.timer.cancel();
    this.waiting--;
    this.#queues.delete(chosen!);
    // To the end of those who have as few.
    if (queue.length > 0) this.#queues.set(chosen!, queue);
    this.#seat(chosen!);
    one.go();
  }

  #countOf(user: string): number {
    return this.#running.get(user) ?? 0;
  }

  #remove(user: string, one: Waiting): void {
    const queue = this.#queues.get(user)!;
    queue.splice(queue.indexOf(one), 1);
    this.waiting--;
    if (queue.length === 0) this.#queues.delete(user);
  }

  #refuse(reason: keyof FairLimit["rejected"]) {
    this.rejected[reason]++;
    const message = "Too many requests, please try again later.";
    return tooManyRequests(message, RETRY_AFTER_SECONDS);
  }
}

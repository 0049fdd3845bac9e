/**
 * What an autoscaler remembers: what it has recommended and how it has scaled, for as long as its
 * windows and periods reach back. It is lost with the process, as in Kubernetes.
 *
 * In Kubernetes: the maps of HorizontalController in pkg/controller/podautoscaler/horizontal.go
 */
interface Recommendation {
  replicas: number;
  atMs: number;
}

interface Change {
  /** How many were added or taken away. */
  count: number;
  atMs: number;
}

/** As long as a window or a period may be. */
const REMEMBERED_MS = 3_600_000;

export class ScalingHistory {
  readonly #recommendations: Recommendation[] = [];
  readonly #added: Change[] = [];
  readonly #removed: Change[] = [];
  /** Whose: another of the same name begins anew. */
  readonly uid: string;
  /** The last look, and what was asked for then. */
  lookedAtMs: number | undefined;
  spec = "";
  /** Of the pods, as the target's scale last told it. */
  selector = "";

  constructor(uid: string) {
    this.uid = uid;
  }

  /** The first: where nothing has been recommended, what is there is taken to be right. */
  begin(replicas: number, nowMs: number): void {
    if (this.#recommendations.length === 0) this.recommend(replicas, nowMs);
  }

  recommend(replicas: number, nowMs: number): void {
    this.#recommendations.push({ replicas, atMs: nowMs });
    forget(this.#recommendations, nowMs);
  }

  /** All recommendations of the window, and `replicas` itself. */
  within(windowMs: number, replicas: number, nowMs: number): number[] {
    const recent = this.#recommendations.filter(({ atMs }) => atMs > nowMs - windowMs);
    return [replicas, ...recent.map((one) => one.replicas)];
  }

  scaled(from: number, to: number, nowMs: number): void {
    const changes = to > from ? this.#added : this.#removed;
    changes.push({ count: Math.abs(to - from), atMs: nowMs });
    forget(changes, nowMs);
  }

  /** How many there were when the period began. */
  replicasBefore(periodMs: number, current: number, nowMs: number): number {
    const count = (changes: Change[]) =>
      changes
        .filter(({ atMs }) => atMs > nowMs - periodMs)
        .reduce((sum, one) => sum + one.count, 0);
    return current - count(this.#added) + count(this.#removed);
  }
}

function forget(list: { atMs: number }[], nowMs: number): void {
  while (list.length > 0 && list[0]!.atMs <= nowMs - REMEMBERED_MS) list.shift();
}

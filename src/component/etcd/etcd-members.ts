/**
 * The members of an etcd cluster, one of whom is asked first: which one, and what may be asked of another.
 *
 * A read may be sent again, to the next member. A write is sent again only if it certainly never left this
 * process: one that may have been applied would find itself in its own way.
 *
 * In Kubernetes: go.etcd.io/etcd/client/v3 (retry_interceptor.go)
 */

/** What an error says of the member that gave it, or gave nothing. */
export interface Verdict {
  /** It is not there, or there and stuck: the next call is better off elsewhere. */
  isSilent: boolean;
  mayRepeat: boolean;
}

export class EtcdMembers<Member> {
  readonly #endpoints: readonly string[];
  readonly all: readonly Member[];
  #current = 0;

  constructor(endpoints: readonly string[], connect: (endpoint: string) => Member) {
    this.#endpoints = endpoints;
    this.all = endpoints.map(connect);
  }

  /** The endpoint asked first. */
  get endpoint(): string {
    return this.#endpoints[this.#current]!;
  }

  get current(): Member {
    return this.all[this.#current]!;
  }

  /** Asks another endpoint from now on, unless somebody else has already seen to that. */
  leave(endpoint: string): void {
    if (endpoint !== this.endpoint) return;
    this.#current = (this.#current + 1) % this.all.length;
  }

  /** Asks each member once, and the first one a second time: its connection may just have been cut. */
  async ask<T>(
    call: (member: Member) => Promise<T>,
    judge: (error: unknown) => Verdict,
    errorOf: (error: unknown, endpoint: string) => unknown,
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const { endpoint } = this;
      try {
        return await call(this.current);
      } catch (error) {
        const { isSilent, mayRepeat } = judge(error);
        if (isSilent) this.leave(endpoint);
        if (attempt === this.all.length || !mayRepeat) throw errorOf(error, endpoint);
      }
    }
  }
}

/**
 * From the bytes of a query to the bytes of its answer, whatever they came by.
 *
 * Rule: what is no query is not answered at all (two servers must never talk to each other for
 * ever), a query that can't be read is answered with FORMERR, and whatever fails with SERVFAIL.
 *
 * In Kubernetes: github.com/coredns/coredns/core/dnsserver/server.go
 */
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import {
  emptyAnswer,
  encodeAnswer,
  RCODES,
  type Rcode,
  relayAnswer,
  TCP_BYTES,
  udpLimitOf,
} from "./answer.ts";
import { FormatError, type Query, readQuery } from "./query.ts";
import type { Resolution } from "./resolver.ts";

export type Protocol = "udp" | "tcp";

export interface QueryHandlerOptions {
  resolve(query: Query): Resolution | Promise<Resolution>;
  clock: Clock;
  log: Log;
  /** Told of each query and its answer. */
  observer?: ServerObserver;
}

export interface ServerObserver {
  answered(query: Query, protocol: Protocol, rcode: number, tookMs: number): void;
}

type Send = (answer: Buffer) => void;

export class QueryHandler {
  readonly #options: QueryHandlerOptions;

  constructor(options: QueryHandlerOptions) {
    this.#options = options;
  }

  /** False for what is no query; else `send` is called once. */
  handle(message: Buffer, protocol: Protocol, send: Send): boolean {
    const startMs = this.#options.clock.monotonicMs();
    try {
      const query = readQuery(message);
      if (query === undefined) return false;
      const finish = (resolution: Resolution) =>
        this.#finish(query, resolution, protocol, startMs, send);
      this.#resolve(query, finish);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#finish(error.query, emptyAnswer("FORMERR"), protocol, startMs, send);
    }
    return true;
  }

  /** At once where that is possible: most answers wait for nothing. */
  #resolve(query: Query, finish: (resolution: Resolution) => void): void {
    const fail = (error: unknown): Rcode => {
      this.#options.log.warn("Could not resolve", { name: query.name, err: String(error) });
      return "SERVFAIL";
    };
    try {
      const resolution = this.#options.resolve(query);
      if (!(resolution instanceof Promise)) finish(resolution);
      else resolution.then(finish).catch((error: unknown) => finish(emptyAnswer(fail(error))));
    } catch (error) {
      this.#options.log.error("A query could not be answered", error, { name: query.name });
      finish(emptyAnswer("SERVFAIL"));
    }
  }

  #finish(
    query: Query,
    resolution: Resolution,
    protocol: Protocol,
    startMs: number,
    send: Send,
  ): void {
    const { clock, observer } = this.#options;
    const limit = protocol === "udp" ? udpLimitOf(query) : TCP_BYTES;
    const isTheirs = Buffer.isBuffer(resolution);
    send(isTheirs ? relayAnswer(query, resolution, limit) : encodeAnswer(query, resolution, limit));
    const rcode = isTheirs ? resolution[3]! & 0xf : RCODES[resolution.rcode];
    observer?.answered(query, protocol, rcode, clock.monotonicMs() - startMs);
  }
}

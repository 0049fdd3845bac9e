/**
 * Reads and writes of etcd's keys: the calls of which there is one for each request of the API, and which are
 * therefore made with as little as can be. Watches and leases go through etcd-connection.ts.
 *
 * In Kubernetes: go.etcd.io/etcd/client/v3/kv.go
 */
import { EtcdMembers, type Verdict } from "./etcd-members.ts";
import {
  COMPACT,
  type Method,
  RANGE,
  type RangeRequest,
  type RangeResponse,
  TXN,
  type TxnRequest,
  type TxnResponse,
} from "./etcd-messages.ts";
import {
  DEADLINE_EXCEEDED,
  GrpcChannel,
  type GrpcError,
  type GrpcTls,
  UNAVAILABLE,
} from "./grpc-channel.ts";

export interface EtcdKvOptions {
  tls?: GrpcTls | undefined;
  /** What a call that failed rejects with. */
  errorOf: (error: unknown, endpoint: string) => unknown;
}

export class EtcdKv {
  readonly #members: EtcdMembers<GrpcChannel>;
  readonly #errorOf: EtcdKvOptions["errorOf"];

  constructor(endpoints: readonly string[], { tls, errorOf }: EtcdKvOptions) {
    this.#members = new EtcdMembers(endpoints, (endpoint) => {
      const url = endpoint.includes("://") ? endpoint : `http://${endpoint}`;
      return new GrpcChannel(url, tls);
    });
    this.#errorOf = errorOf;
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.#call(RANGE, request, judgeRead);
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.#call(TXN, request, judgeWrite);
  }

  /** Repeated without harm: the second one is told that the first one has been. */
  compact(revision: number): Promise<unknown> {
    return this.#call(COMPACT, { revision }, judgeRead);
  }

  close(): void {
    for (const channel of this.#members.all) channel.close();
  }

  #call<Question extends object, Answer>(
    { path, write, read }: Method<Question, Answer>,
    question: Question,
    judge: (error: unknown) => Verdict,
  ): Promise<Answer> {
    const message = write(question);
    const call = async (channel: GrpcChannel) => read(await channel.call(path, message));
    return this.#members.ask(call, judge, this.#errorOf);
  }
}

function judgeRead(error: unknown): Verdict {
  const { code } = error as GrpcError;
  const isSilent = code === UNAVAILABLE || code === DEADLINE_EXCEEDED;
  return { isSilent, mayRepeat: code === UNAVAILABLE };
}

function judgeWrite(error: unknown): Verdict {
  const { wasNeverSent } = error as GrpcError;
  return { ...judgeRead(error), mayRepeat: wasNeverSent };
}

/**
 * Connections to the members of an etcd cluster, for watches and leases, and with a user's name where etcd asks
 * for one: how long an answer may take, and what may be asked twice. Plain reads and writes: etcd-kv.ts.
 *
 * In Kubernetes: go.etcd.io/etcd/client/v3. Here: etcd3, with the retries and circuit breakers of its own
 * switched off (docs/decisions/0001-etcd-client.md).
 */
import {
  Etcd3,
  GRPCDeadlineExceededError,
  GRPCUnavailableError,
  type IOptions,
  type WatchClient,
} from "etcd3";
import { systemClock } from "../clock.ts";
import { EtcdMembers } from "./etcd-members.ts";
import type { Range } from "./etcd-range.ts";

export interface EtcdTls {
  /** PEM: who may have signed the server's certificate. Absent: the system's authorities. */
  ca?: Buffer;
  /** PEM: the client's certificate and key. */
  cert?: Buffer;
  key?: Buffer;
}

export interface EtcdConnectionOptions {
  tls?: EtcdTls | undefined;
  /** For an etcd with its own authentication on. */
  user?: { username: string; password: string } | undefined;
  /** What a call that failed rejects with, where etcd3's own error will not do. */
  errorOf?: (error: unknown, endpoint: string) => unknown;
}

export type CallOptions = NonNullable<Parameters<WatchClient["watch"]>[0]>;
export type WatchStream = Awaited<ReturnType<WatchClient["watch"]>>;

type Call<T> = (client: Etcd3, options: CallOptions) => Promise<T>;
type Policy = NonNullable<NonNullable<IOptions["faultHandling"]>["global"]>;

/** Longer than etcd's own limit of 7 s, so that "etcdserver: request timed out" can be told. */
const CALL_TIMEOUT_MS = 10_000;

const CHANNEL_OPTIONS = {
  // A list of 10,000 pods is 20 MB; the default would refuse it at 4.
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // Finds a connection whose other end has vanished without a word.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
};

/** What grpc-js says of calls it has not put on the wire. */
const NEVER_SENT = [
  "No connection established",
  "Channel closed before call started",
  "Name resolution failed",
];

const passThrough = {
  execute: async (call: (context: never) => unknown) => call(undefined as never),
} as unknown as Policy;

export class EtcdConnection {
  readonly #members: EtcdMembers<Etcd3>;
  readonly #hasUser: boolean;
  readonly #errorOf: (error: unknown, endpoint: string) => unknown;

  constructor(endpoints: readonly string[], options: EtcdConnectionOptions = {}) {
    this.#members = new EtcdMembers(endpoints, (endpoint) => createClient(endpoint, options));
    this.#hasUser = options.user !== undefined;
    this.#errorOf = options.errorOf ?? ((error) => error);
  }

  /** The endpoint asked first. */
  get endpoint(): string {
    return this.#members.endpoint;
  }

  read<T>(call: Call<T>): Promise<T> {
    return this.#call(call, (error) => error instanceof GRPCUnavailableError);
  }

  write<T>(call: Call<T>): Promise<T> {
    return this.#call(call, wasNeverSent);
  }

  /**
   * A stream for watching `range`. etcd forgets whom it has let in when it starts again; a call learns that and
   * gets a new token, but a watch is only told "permission denied". So where there is a user, a read goes first.
   */
  async openWatch(range: Range): Promise<WatchStream> {
    if (this.#hasUser) {
      const request = { ...range, limit: 1, keys_only: true };
      await this.read((client, options) => client.kv.range(request, options));
    }
    return this.#members.current.watchClient.watch({ interceptors: [requireLeader] });
  }

  /** Asks another endpoint from now on, unless somebody else has already seen to that. */
  leave(endpoint: string): void {
    this.#members.leave(endpoint);
  }

  close(): void {
    for (const client of this.#members.all) client.close();
  }

  #call<T>(call: Call<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
    return this.#members.ask(
      (client) => call(client, { deadline: deadline() }),
      (error) => ({ isSilent: isSilent(error), mayRepeat: mayRepeat(error) }),
      this.#errorOf,
    );
  }
}

function createClient(endpoint: string, { tls, user }: EtcdConnectionOptions): Etcd3 {
  const { protocol, host } = new URL(endpoint.includes("://") ? endpoint : `http://${endpoint}`);
  const options: IOptions = {
    hosts: `${protocol}//${host}`,
    grpcOptions: CHANNEL_OPTIONS,
    faultHandling: { host: () => passThrough, global: passThrough },
    ...(user === undefined ? {} : { auth: user }),
  };
  const credentials = protocol === "https:" ? credentialsOf(tls) : undefined;
  return new Etcd3(credentials === undefined ? options : { ...options, credentials });
}

function credentialsOf(tls: EtcdTls | undefined): IOptions["credentials"] {
  if (tls?.ca === undefined) return undefined;
  const { ca, cert, key } = tls;
  if (cert === undefined || key === undefined) return { rootCertificate: ca };
  return { rootCertificate: ca, certChain: cert, privateKey: key };
}

/** grpc-js compares with the real time of day, even where the cluster's own clock is a stepped one. */
function deadline(): Date {
  return new Date(systemClock.now().getTime() + CALL_TIMEOUT_MS);
}

/** The member is not there, or there and stuck: the next call is better off elsewhere. */
function isSilent(error: unknown): boolean {
  return error instanceof GRPCUnavailableError || error instanceof GRPCDeadlineExceededError;
}

function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof GRPCUnavailableError)) return false;
  return NEVER_SENT.some((words) => error.message.includes(words));
}

type Interceptor = NonNullable<CallOptions["interceptors"]>[number];

/** A member cut off from the others ends the watch instead of falling silent (clientv3.WithRequireLeader). */
const requireLeader: Interceptor = (options, nextCall) => {
  const call = nextCall(options);
  const start = call.start.bind(call);
  call.start = (metadata, listener) => {
    metadata.set("hasleader", "true");
    start(metadata, listener);
  };
  return call as unknown as ReturnType<Interceptor>;
};

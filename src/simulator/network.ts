/**
 * The network of simulated pods: an address and a port lead to a program, without any socket of the
 * machine this runs on. One network joins all nodes of a process.
 */
import type { Duplex } from "node:stream";
import { linkedPair } from "../component/linked-pair.ts";

export type ConnectionHandler = (connection: Duplex) => void;

export class SimulatedNetwork {
  readonly #listeners = new Map<string, ConnectionHandler>();

  /** Leads connections to `port` of `ip` to `handler`, until the function given back is called. */
  listen(ip: string, port: number, handler: ConnectionHandler): () => void {
    const key = `${ip}:${port}`;
    if (this.#listeners.has(key)) throw new Error(`bind: address already in use: ${key}`);
    this.#listeners.set(key, handler);
    return () => {
      if (this.#listeners.get(key) === handler) this.#listeners.delete(key);
    };
  }

  /** Rejects as Go's dialer does when nobody listens there. */
  connect(ip: string, port: number): Promise<Duplex> {
    const handler = this.#listeners.get(`${ip}:${port}`);
    if (handler === undefined) {
      return Promise.reject(new Error(`dial tcp ${ip}:${port}: connect: connection refused`));
    }
    const [ours, theirs] = linkedPair();
    handler(theirs);
    return Promise.resolve(ours);
  }
}

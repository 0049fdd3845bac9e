/**
 * The way heartbeats take to the API server: a connection of their own, on which an answer may take no
 * longer than the time to the next heartbeat.
 *
 * Rule: after a failure the connection is closed. One that leads nowhere (the server's machine was switched
 * off and has forgotten it) would swallow heartbeat after heartbeat, and the node would be thought dead.
 *
 * In Kubernetes: HeartbeatClient in cmd/kubelet/app/server.go, onHeartbeatFailure.
 */
import { Client } from "../../client/client.ts";
import type { Connection } from "../../client/kubeconfig.ts";
import type { Transport } from "../../client/transport.ts";
import type { Clock } from "../../component/clock.ts";

export interface HeartbeatOptions {
  connection: Pick<Connection, "transport" | "headers" | "close">;
  /** How long an answer may take. */
  limitMs: number;
  clock: Clock;
}

export function heartbeatClient({ connection, limitMs, clock }: HeartbeatOptions): Client {
  const transport: Transport = async (request) => {
    const limit = new AbortController();
    const tooLong = () => limit.abort(new Error(`no answer to a heartbeat in ${limitMs} ms`));
    const timer = clock.setTimeout(tooLong, limitMs);
    try {
      return await connection.transport({ ...request, signal: limit.signal });
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      timer.cancel();
    }
  };
  return new Client(transport, connection.headers);
}

/**
 * A transport that sends no more than so many requests a second: the flags --kube-api-qps and
 * --kube-api-burst. Who is over the limit waits in line. Watches count as one request each.
 *
 * In Kubernetes: k8s.io/client-go/util/flowcontrol (token bucket)
 */
import { type Clock, sleep } from "../component/clock.ts";
import type { Transport } from "./transport.ts";

export interface RateLimit {
  requestsPerSecond: number;
  /** How many may go at once after a quiet time. */
  burst: number;
}

export function limitedTransport(
  transport: Transport,
  { requestsPerSecond, burst }: RateLimit,
  clock: Clock,
): Transport {
  const periodMs = 1_000 / requestsPerSecond;
  /** When the bucket would be full again if nobody came. */
  let fullMs = clock.monotonicMs();
  return async (request) => {
    const nowMs = clock.monotonicMs();
    fullMs = Math.max(fullMs, nowMs) + periodMs;
    const waitMs = fullMs - nowMs - burst * periodMs;
    if (waitMs > 0) await sleep(clock, waitMs, request.signal);
    return transport(request);
  };
}

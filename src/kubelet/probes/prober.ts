/**
 * One probe of one container: asks, and gives back whether that went well and what was said.
 *
 * In Kubernetes: pkg/kubelet/prober/prober.go, pkg/probe
 */
import { type Duplex, Writable } from "node:stream";
import type { Container, Probe } from "kubernetes-types/core/v1.js";
import type { Clock } from "../../component/clock.ts";
import { orAborted } from "../containers/hooks.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Connect } from "./connect.ts";
import { checkHealth } from "./grpc.ts";
import { httpGet } from "./http-get.ts";
import { portOf } from "./port.ts";

export interface ProbeTarget {
  probe: Probe;
  container: Container;
  containerId: string;
  podIP: string;
}

export interface ProbeResult {
  isSuccess: boolean;
  output: string;
}

export interface ProberOptions {
  runtime: Runtime;
  clock: Clock;
  connect: Connect;
}

const OUTPUT_LIMIT_BYTES = 10 * 1024;

/** Never rejects: what goes wrong is the result. */
export async function runProbe(
  target: ProbeTarget,
  options: ProberOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    const { probe } = target;
    if (probe.exec) return await execProbe(target, options, signal);
    if (probe.httpGet) return await httpProbe(target, options, signal);
    if (probe.tcpSocket) return await tcpProbe(target, options, signal);
    if (probe.grpc) return await grpcProbe(target, options, signal);
    return { isSuccess: false, output: `missing probe handler for ${target.container.name}` };
  } catch (error) {
    return { isSuccess: false, output: (error as Error).message };
  }
}

async function execProbe(
  { probe, containerId }: ProbeTarget,
  { runtime, clock }: ProberOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const command = probe.exec?.command ?? [];
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (size < OUTPUT_LIMIT_BYTES) chunks.push(chunk);
      size += chunk.length;
      done();
    },
  });
  const over = new AbortController();
  const seconds = probe.timeoutSeconds ?? 1;
  const late = new Error(`command ${JSON.stringify(command.join(" "))} timed out`);
  const timer = clock.setTimeout(() => over.abort(late), seconds * 1000);
  const either = AbortSignal.any([over.signal, signal]);
  try {
    const streams = { stdout: collect, stderr: collect, tty: false, signal: either };
    const code = await orAborted(runtime.exec(containerId, command, streams), either);
    const output = Buffer.concat(chunks).toString("utf8", 0, OUTPUT_LIMIT_BYTES);
    return { isSuccess: code === 0, output };
  } finally {
    timer.cancel();
  }
}

async function httpProbe(
  { probe, container, podIP }: ProbeTarget,
  { clock, connect }: ProberOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { host = podIP, path = "/", scheme, httpHeaders = [] } = probe.httpGet!;
  const target = {
    host,
    port: portOf(probe.httpGet!.port, container),
    path,
    isTls: scheme === "HTTPS",
    headers: httpHeaders,
  };
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  const { status, body } = await httpGet(target, { connect, clock, timeoutMs, signal });
  if (status >= 200 && status < 400) return { isSuccess: true, output: body };
  return { isSuccess: false, output: `HTTP probe failed with statuscode: ${status}` };
}

async function tcpProbe(
  { probe, container, podIP }: ProbeTarget,
  { clock, connect }: ProberOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { host = podIP } = probe.tcpSocket!;
  const port = portOf(probe.tcpSocket!.port, container);
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(), (probe.timeoutSeconds ?? 1) * 1000);
  try {
    const either = AbortSignal.any([over.signal, signal]);
    const connection = await orAborted(connect(host, port, either), either);
    connection.destroy();
    return { isSuccess: true, output: "" };
  } catch (error) {
    if (over.signal.aborted) throw new Error(`dial tcp ${host}:${port}: i/o timeout`);
    throw error;
  } finally {
    timer.cancel();
  }
}

async function grpcProbe(
  { probe, podIP }: ProbeTarget,
  { clock, connect }: ProberOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { port, service } = probe.grpc!;
  const seconds = probe.timeoutSeconds ?? 1;
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(new Error("timeout")), seconds * 1000);
  const either = AbortSignal.any([over.signal, signal]);
  const where = `${podIP}:${port}`;
  let connection: Duplex | undefined;
  try {
    connection = await orAborted(connect(podIP, port, either), either);
    const wrong = await checkHealth(connection, service ?? "", either);
    return { isSuccess: wrong === undefined, output: wrong ?? "" };
  } catch (error) {
    const { message } = error as Error;
    if (connection === undefined && over.signal.aborted) {
      throw new Error(
        `timeout: failed to connect service "${where}" within ${seconds}s: context deadline exceeded`,
      );
    }
    if (connection === undefined) {
      throw new Error(`error: failed to connect service at "${where}": ${message}`);
    }
    if (over.signal.aborted) {
      throw new Error(`timeout: health rpc did not complete within ${seconds}s`);
    }
    throw new Error(`error: health rpc probe failed: ${message}`);
  } finally {
    timer.cancel();
    connection?.destroy();
  }
}

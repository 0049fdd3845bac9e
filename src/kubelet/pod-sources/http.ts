/**
 * Pods from a manifest at a URL, asked for now and then.
 *
 * In Kubernetes: pkg/kubelet/config/http.go
 */
import { type Clock, every, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { podsOf } from "./manifest.ts";
import type { PodSource, PodSourceListener } from "./sources.ts";
import { StaticPods } from "./static-pods.ts";

export interface HttpSourceOptions {
  url: string;
  headers: Record<string, string>;
  periodMs: number;
  nodeName: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;

export class HttpSource implements PodSource {
  readonly name = "http";
  readonly #options: HttpSourceOptions;
  readonly #pods = new StaticPods();
  #last = "";

  constructor(options: HttpSourceOptions) {
    this.#options = options;
  }

  start(listener: PodSourceListener): void {
    const { clock, periodMs, signal } = this.#options;
    const look = () => void this.look(listener);
    look();
    every(clock, periodMs, signal, look);
  }

  async look(listener: PodSourceListener): Promise<void> {
    const { url, nodeName, clock, log } = this.#options;
    try {
      const text = await this.#fetch();
      if (text !== this.#last) {
        const now = toApiTime(clock.now());
        const context = { source: "http" as const, origin: `url:${url}`, nodeName, now };
        this.#pods.replace(podsOf(text, context), listener);
        this.#last = text;
      }
      listener.seen();
    } catch (error) {
      log.warn("Failed to read pods from URL", { url, err: (error as Error).message });
    }
  }

  async #fetch(): Promise<string> {
    const { url, headers, clock, signal } = this.#options;
    const over = new AbortController();
    const timer = clock.setTimeout(() => over.abort(new Error("timeout")), TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        headers,
        signal: AbortSignal.any([over.signal, signal]),
      });
      if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
      const text = await response.text();
      if (text === "") throw new Error(`zero-length data received from ${url}`);
      return text;
    } finally {
      timer.cancel();
    }
  }
}

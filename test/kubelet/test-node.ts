/** A simulated node for tests: an API server, a kubelet, and time that moves only when told to. */
import { Writable } from "node:stream";
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { isNotFound } from "../../src/api/errors.ts";
import { Event } from "../../src/api/event.ts";
import { Pod } from "../../src/api/pod.ts";
import type { ApiServerOptions } from "../../src/apiserver/apiserver.ts";
import type { ComponentContext } from "../../src/client/control-loop.ts";
import { createInformers } from "../../src/client/informer.ts";
import { startKubelet } from "../../src/kubelet/kubelet.ts";
import type { KubeletOptions } from "../../src/kubelet/options.ts";
import type { PodSource } from "../../src/kubelet/pod-sources/sources.ts";
import { SimulatedNetwork } from "../../src/simulator/network.ts";
import { startCluster } from "../support/cluster.ts";
import { simulatedNode } from "./simulated-node.ts";

const PATIENCE_MS = 60_000;

/** The sources of static pods are made anew for each kubelet: with it they end. */
export interface TestNodeOptions extends Partial<Omit<KubeletOptions, "staticSources">> {
  staticSources?(context: ComponentContext): PodSource[];
  server?: Partial<ApiServerOptions>;
}

export async function startTestNode({
  staticSources,
  server = {},
  ...options
}: TestNodeOptions = {}) {
  const cluster = await startCluster({ server });
  const { client, clock, context } = cluster;
  const node = {
    ...simulatedNode({
      nodeName: "node1",
      number: 1,
      clock,
      random: context.random,
      network: new SimulatedNetwork(),
    }),
    ...options,
  };
  let lifetime = new AbortController();
  const start = () => {
    const base = { ...context, signal: AbortSignal.any([context.signal, lifetime.signal]) };
    const own = { ...base, informers: createInformers(base) };
    return startKubelet(own, { ...node, staticSources: staticSources?.(own) ?? [] });
  };
  let kubelet = await start();

  const containerOf = (name: string) => {
    const uid = kubelet.pleg.uids().find((one) => kubelet.pleg.get(one)?.pod.name === name) ?? "";
    return kubelet.pleg.get(uid)!.containers[0]!.id;
  };
  const get = (name: string) => client.get(Pod, "default", name);

  return {
    ...cluster,
    node,
    runtime: node.runtime,
    get kubelet() {
      return kubelet;
    },
    get,

    /** Creates a pod that is bound to the node already. */
    run: (name: string, spec: Partial<PodSpec> & Pick<PodSpec, "containers">, metadata = {}) =>
      client.create(Pod, "default", {
        metadata: { name, ...metadata },
        spec: { nodeName: node.nodeName, terminationGracePeriodSeconds: 30, ...spec },
      }),

    /** Waits, without moving time, until the pod is as `holds` says. */
    async until(name: string, holds: (pod: Pod) => unknown): Promise<Pod> {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const pod = await get(name);
        if (holds(pod)) return pod;
        if (performance.now() > deadline) {
          throw new Error(`pod ${name} did not get there: ${JSON.stringify(pod.status, null, 1)}`);
        }
        await turn();
      }
    },

    /** Waits until the pod is no more. */
    async untilGone(name: string): Promise<void> {
      const deadline = performance.now() + PATIENCE_MS;
      while (performance.now() < deadline) {
        try {
          await get(name);
        } catch (error) {
          if (isNotFound(error)) return;
          throw error;
        }
        await turn();
      }
      throw new Error(`pod ${name} is still there`);
    },

    /** Moves time on second by second, letting the kubelet work in between. */
    async pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        for (let turns = 0; turns < 20; turns++) await turn();
      }
    },

    /** "reason: message" of all events about one object, oldest first. */
    async eventsOf(name: string): Promise<string[]> {
      do await turn();
      while (!kubelet.events.idle);
      const { items } = await client.list(Event);
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .toSorted((a, b) => stampOf(a).localeCompare(stampOf(b)))
        .map(({ reason, message }) => `${reason}: ${message}`);
    },

    async logOf(name: string): Promise<string> {
      return collected((out) => {
        const options = { follow: false, timestamps: false, signal: lifetime.signal };
        return node.runtime.logs(containerOf(name), options, out, out);
      });
    },

    async execIn(name: string, command: string[]): Promise<string> {
      return collected(async (out) => {
        const streams = { stdout: out, stderr: out, tty: false, signal: lifetime.signal };
        await node.runtime.exec(containerOf(name), command, streams);
      });
    },

    /** Stops the kubelet as kill -9 would. */
    crashKubelet: () => lifetime.abort(),

    /** Stops it, and starts another on the same runtime. */
    async restartKubelet(): Promise<void> {
      lifetime.abort();
      lifetime = new AbortController();
      kubelet = await start();
    },
  };
}

export type TestNode = Awaited<ReturnType<typeof startTestNode>>;

function stampOf({ metadata }: Event): string {
  return metadata.name.split(".").at(-1)!.padStart(20, "0");
}

async function collected(act: (out: Writable) => Promise<void>): Promise<string> {
  let text = "";
  await act(
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    }),
  );
  return text;
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

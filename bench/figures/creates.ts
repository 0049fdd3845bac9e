/**
 * How many objects a second are created through the API, beside what the store alone takes from the
 * same number of writers: what is lost is what the API server costs.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openEmbeddedStore } from "../../src/apiserver/storage/embedded-store.ts";
import { openEtcdStore } from "../../src/apiserver/storage/etcd-store.ts";
import type { Store } from "../../src/apiserver/storage/store.ts";
import { systemClock as clock } from "../../src/component/clock.ts";
import { silentLog as log } from "../../src/component/log.ts";
import type { Benchmark, Setting } from "../bench.ts";
import { hasEtcd, startEtcd } from "../etcd.ts";
import { runLoad } from "../load.ts";
import { CONFIG_MAPS, configMap, createRequest, PODS, pod } from "../objects.ts";
import type { Figure } from "../report.ts";
import { compare } from "../rounds.ts";
import { type StorePlace, startApiServerProcess } from "../servers.ts";

const CONNECTIONS = 64;
const CREATES = 3_000;

const OBJECTS = [
  { what: "ConfigMap", path: CONFIG_MAPS, make: configMap },
  { what: "Pod", path: PODS, make: pod },
];

export const creates: Benchmark = {
  name: "create",
  about: "objects created a second, on the embedded store and on etcd",
  async run(setting) {
    const directory = join(setting.directory, "creates");
    mkdirSync(directory);
    const bare = await openEmbeddedStore({ directory: join(directory, "bare"), clock, log });
    const figures = await measure("embedded", { directory: join(directory, "api") }, bare, setting);
    await bare.close();
    if (!hasEtcd()) return figures;
    const etcd = await startEtcd(join(directory, "etcd"));
    const client = await openEtcdStore({ endpoints: [etcd.endpoint], clock, log });
    figures.push(...(await measure("etcd", { etcd: etcd.endpoint }, client, setting)));
    await client.close();
    await etcd.stop();
    return figures;
  },
};

async function measure(
  store: string,
  place: StorePlace,
  bare: Store,
  { door, rounds }: Setting,
): Promise<Figure[]> {
  const { child, port } = await startApiServerProcess(place, door);
  const figures: Figure[] = [];
  let round = 0;
  for (const { what, path, make } of OBJECTS) {
    const request = (i: number) => createRequest(path, make(`r${round}-${i}`));
    const figure = await compare({
      name: `create ${what}, ${store}`,
      unit: "creates/s",
      rounds,
      server: { child, operations: CREATES },
      async measure() {
        round++;
        const load = { port, door, connections: CONNECTIONS, requests: CREATES, request };
        return (await runLoad(load)).requestsPerSecond;
      },
      baseline: {
        name: `the ${store} store alone`,
        measure: () => rawCreates(bare, make, `raw${round++}`),
      },
    });
    figures.push(figure);
  }
  await child.stop();
  return figures;
}

async function rawCreates(store: Store, make: (name: string) => string, prefix: string) {
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    while (next < CREATES) {
      const name = `${prefix}-${next++}`;
      const { succeeded } = await store.create(`/bench/${name}`, Buffer.from(make(name)));
      if (!succeeded) throw new Error(`${name} was there already`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return CREATES / ((performance.now() - began) / 1000);
}

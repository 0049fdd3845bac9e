/**
 * Reads: one pod and lists of pods, from the cache (resourceVersion=0) and consistent, beside a bare
 * Node server that has the same bytes ready.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Setting } from "../bench.ts";
import { hasEtcd, startEtcd } from "../etcd.ts";
import { call } from "../http-call.ts";
import { requestBytes, runLoad } from "../load.ts";
import { createRequest, PODS, pod } from "../objects.ts";
import type { Figure } from "../report.ts";
import { compare } from "../rounds.ts";
import {
  type Server,
  type StorePlace,
  startApiServerProcess,
  startBareServer,
} from "../servers.ts";

interface Read {
  what: string;
  path: string;
  connections: number;
  requests: number;
}

const MANY = 5_000;
const SOME = 500;

const GETS: Read[] = [
  { what: "GET, cached", path: `${PODS}/p0?resourceVersion=0`, connections: 64, requests: 20_000 },
  { what: "GET, consistent", path: `${PODS}/p0`, connections: 64, requests: 20_000 },
];
const SHORT_LISTS: Read[] = [
  { what: `LIST of ${SOME}`, path: PODS, connections: 4, requests: 200 },
];
const LONG_LISTS: Read[] = [
  {
    what: `LIST of ${MANY}, cached`,
    path: `${PODS}?resourceVersion=0`,
    connections: 1,
    requests: 10,
  },
  { what: `LIST of ${MANY}, consistent`, path: PODS, connections: 1, requests: 10 },
];

export const gets: Benchmark = {
  name: "get",
  about: "GETs of one pod a second",
  run: (setting) => onEachStore("gets", 1, GETS, setting),
};

export const lists: Benchmark = {
  name: "list",
  about: `LISTs of ${SOME} and ${MANY} pods a second`,
  run: async (setting) => [
    ...(await onEachStore("lists", SOME, SHORT_LISTS, setting)),
    ...(await onEachStore("long-lists", MANY, LONG_LISTS, setting)),
  ],
};

async function onEachStore(name: string, pods: number, reads: Read[], setting: Setting) {
  const directory = join(setting.directory, name);
  mkdirSync(directory);
  const place = { directory: join(directory, "api") };
  const figures = await measure("embedded", place, pods, reads, setting);
  if (!hasEtcd()) return figures;
  const etcd = await startEtcd(join(directory, "etcd"));
  figures.push(...(await measure("etcd", { etcd: etcd.endpoint }, pods, reads, setting)));
  await etcd.stop();
  return figures;
}

async function measure(
  store: string,
  place: StorePlace,
  pods: number,
  reads: Read[],
  setting: Setting,
): Promise<Figure[]> {
  const server = await startApiServerProcess(place, setting.door);
  await fill(server, pods, setting);
  const figures: Figure[] = [];
  for (const read of reads) {
    const body = await call({ port: server.port, door: setting.door }, "GET", read.path);
    const bare = await startBareServer(setting.door, setting.directory, body);
    const load = ({ port }: Server) =>
      runLoad({ ...read, port, door: setting.door, request: () => requestBytes("GET", read.path) });
    const figure = await compare({
      name: `${read.what}, ${store}`,
      unit: "requests/s",
      rounds: setting.rounds,
      server: { child: server.child, operations: read.requests },
      measure: async () => (await load(server)).requestsPerSecond,
      baseline: {
        name: "bare Node, same bytes",
        measure: async () => (await load(bare)).requestsPerSecond,
      },
      note: `${body.length.toLocaleString("en")} bytes`,
    });
    figures.push(figure);
    await bare.child.stop();
  }
  await server.child.stop();
  return figures;
}

async function fill({ port }: Server, pods: number, { door }: Setting): Promise<void> {
  const request = (i: number) => createRequest(PODS, pod(`p${i}`));
  await runLoad({ port, door, connections: Math.min(pods, 64), requests: pods, request });
}

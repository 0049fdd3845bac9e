/**
 * The processes a benchmark talks to, all of them this very program with other arguments: our API
 * server on a store, and a bare node:http server that does the least a server can do.
 */
import { writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/support/free-port.ts";
import { Child } from "./child.ts";

/** By which the servers are reached. */
export type Door = "plain" | "tls";

export interface Server {
  child: Child;
  port: number;
}

/** Where an API server keeps its objects: a directory, or the URL of an etcd. */
export type StorePlace = { directory: string } | { etcd: string };

const here = fileURLToPath(import.meta.url);
const directory = dirname(here);
/** dist/bench.js, whose parts may lie in chunks beside it; or bench/main.ts, run by tsx. */
const program = join(directory, extname(here) === ".ts" ? "main.ts" : "bench.js");

export async function startApiServerProcess(place: StorePlace, door: Door): Promise<Server> {
  return start(["api-server", "etcd" in place ? place.etcd : place.directory, door]);
}

/** Answers every GET with `body`, passes the body of every POST on to all who watch. */
export async function startBareServer(
  door: Door,
  workDirectory: string,
  body = "",
): Promise<Server> {
  const path = join(workDirectory, `body-${await freePort()}`);
  writeFileSync(path, body);
  return start(["bare-server", path, door]);
}

export interface Kubeling extends Server {
  /** From the start of the process until it says that it is ready. */
  startMs: number;
}

/** `kubeling up` as the user starts it, ready. */
export async function startKubeling(dataDirectory: string, ...more: string[]): Promise<Kubeling> {
  const [port, securePort] = [await freePort(), await freePort()];
  const flags = [
    "--data-dir",
    dataDirectory,
    "--port",
    `${port}`,
    "--secure-port",
    `${securePort}`,
  ];
  const began = performance.now();
  const child = new Child(process.execPath, [commandPath("kubeling"), "up", ...flags, ...more]);
  await child.says(/ready in/);
  return { child, port, startMs: performance.now() - began };
}

/** dist/<command>.js */
export function commandPath(command: string): string {
  const dist = basename(directory) === "bench" ? join(directory, "../dist") : directory;
  return join(dist, `${command}.js`);
}

async function start(args: string[]): Promise<Server> {
  // The flags of this process too: under tsx they load it.
  const child = new Child(process.execPath, [...process.execArgv, program, ...args]);
  const [, port] = await child.says(/listening on (\d+)/);
  return { child, port: Number(port) };
}

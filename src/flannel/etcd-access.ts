/**
 * The connection to etcd that the flags describe.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/etcd/registry.go, newEtcdClient
 */
import { readFileSync } from "node:fs";
import { StartError } from "../component/daemon.ts";
import { EtcdConnection, type EtcdTls } from "../component/etcd/etcd-connection.ts";
import { reasonIn } from "../component/etcd/etcd-reason.ts";
import type { Flags } from "../component/flags.ts";
import type { flanneldFlags } from "./flags.ts";

/** etcd did not do as asked. Expected now and then, so logged without a stack. */
export class EtcdError extends Error {
  override readonly name = "EtcdError";
  readonly code = "ETCD";
}

export function connectToEtcd(flags: Flags<typeof flanneldFlags>): EtcdConnection {
  const endpoints = flags["etcd-endpoints"].split(",").map((one) => one.trim());
  const username = flags["etcd-username"];
  const user = username === "" ? undefined : { username, password: flags["etcd-password"] };
  return new EtcdConnection(endpoints, {
    tls: tlsOf(flags),
    user,
    errorOf: (error, endpoint) => {
      const why = reasonIn(error instanceof Error ? error.message : String(error));
      return new EtcdError(`etcd at ${endpoint}: ${why}`, { cause: error });
    },
  });
}

function tlsOf(flags: Flags<typeof flanneldFlags>): EtcdTls {
  const [ca, cert, key] = (["etcd-cafile", "etcd-certfile", "etcd-keyfile"] as const).map((name) =>
    fileOf(name, flags[name]),
  );
  if ((cert === undefined) !== (key === undefined)) {
    throw new StartError("--etcd-certfile and --etcd-keyfile are needed both, or none of them");
  }
  return { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
}

function fileOf(flag: string, path: string): Buffer | undefined {
  if (path === "") return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StartError(`--${flag}: ${(error as Error).message}`);
  }
}

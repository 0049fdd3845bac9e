/** What etcd holds, as `etcdctl get --prefix` shows it, with how long each key will still be there. */
import type { Etcd3 } from "etcd3";

export interface DumpedKey {
  key: string;
  value: string;
  /** Seconds, of the lease as it was granted; 0 without one. */
  ttl: number;
}

export async function dumpEtcd(client: Etcd3, prefix: string): Promise<DumpedKey[]> {
  const { kvs } = await client.getAll().prefix(prefix).exec();
  return Promise.all(
    kvs.map(async ({ key, value, lease }) => ({
      key: key.toString(),
      value: value.toString(),
      ttl: lease === "0" ? 0 : await grantedTtl(client, lease),
    })),
  );
}

async function grantedTtl(client: Etcd3, lease: string): Promise<number> {
  return Number((await client.leaseClient.leaseTimeToLive({ ID: lease })).grantedTTL);
}

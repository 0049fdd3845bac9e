/**
 * The ConfigMaps and Secrets that the pods of this node use, read when they are needed.
 *
 * In Kubernetes: pkg/kubelet/configmap, pkg/kubelet/secret
 * Differs: read anew for each start and each sync of a pod, not watched.
 */
import { ConfigMap } from "../../api/config-map.ts";
import { ApiError, isNotFound } from "../../api/errors.ts";
import { Secret } from "../../api/secret.ts";
import type { Client } from "../../client/client.ts";

/** Keys and their bytes. */
export type ConfigData = Map<string, Buffer>;

/** What a container or a volume asks for is not there. The message is Kubernetes' own. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export class ConfigObjects {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Undefined if it is not there. */
  async configMap(namespace: string, name: string): Promise<ConfigData | undefined> {
    const found = await this.#find(() => this.#client.get(ConfigMap, namespace, name));
    return found && dataOf(found.data ?? {}, found.binaryData ?? {});
  }

  async secret(namespace: string, name: string): Promise<ConfigData | undefined> {
    const found = await this.#find(() => this.#client.get(Secret, namespace, name));
    return found && dataOf({}, found.data ?? {});
  }

  async #find<T>(get: () => Promise<T>): Promise<T | undefined> {
    try {
      return await get();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (error instanceof ApiError) throw new ConfigError(error.message);
      throw error;
    }
  }
}

function dataOf(plain: Record<string, string>, encoded: Record<string, string>): ConfigData {
  return new Map([
    ...Object.entries(plain).map(([key, value]): [string, Buffer] => [key, Buffer.from(value)]),
    ...Object.entries(encoded).map(([key, value]): [string, Buffer] => [
      key,
      Buffer.from(value, "base64"),
    ]),
  ]);
}

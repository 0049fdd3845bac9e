/**
 * The files of a volume that is made from API objects: configMap, secret, downwardAPI, and projected,
 * which is several of them, and tokens, in one.
 *
 * In Kubernetes: pkg/volume/{configmap,secret,downwardapi,projected}
 */
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Volume,
  VolumeProjection,
} from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { ConfigData, ConfigObjects } from "../pods/config-objects.ts";
import { containerResource, type PodAddresses, podField } from "../pods/downward-api.ts";
import type { Payload } from "./atomic-writer.ts";
import type { PodTokens } from "./pod-tokens.ts";

export interface PayloadContext extends PodAddresses {
  objects: ConfigObjects;
  tokens: PodTokens;
  allocatable: Record<string, string>;
}

const DEFAULT_MODE = 0o644;

export async function payloadOf(
  pod: Pod,
  volume: Volume,
  context: PayloadContext,
): Promise<Payload> {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? DEFAULT_MODE;
  if (projected === undefined) {
    const source: VolumeProjection = {
      ...(configMap ? { configMap } : {}),
      ...(secret ? { secret: { ...secret, name: secret.secretName ?? "" } } : {}),
      ...(downwardAPI ? { downwardAPI } : {}),
    };
    return projection(pod, source, mode, context);
  }
  const payload: Payload = new Map();
  for (const source of projected.sources ?? []) {
    for (const [path, file] of await projection(pod, source, mode, context)) {
      payload.set(path, file);
    }
  }
  return payload;
}

async function projection(
  pod: Pod,
  { configMap, secret, downwardAPI, serviceAccountToken, ...others }: VolumeProjection,
  mode: number,
  context: PayloadContext,
): Promise<Payload> {
  const namespace = pod.metadata.namespace ?? "default";
  if (configMap) {
    const { name = "", optional } = configMap;
    const data = await context.objects.configMap(namespace, name);
    const isThere = requireUnless(optional, data, `configmap "${name}" not found`);
    return keysToPaths(isThere, configMap, mode);
  }
  if (secret) {
    const { name = "", optional } = secret;
    const data = await context.objects.secret(namespace, name);
    const isThere = requireUnless(optional, data, `secret "${name}" not found`);
    return keysToPaths(isThere, secret, mode);
  }
  if (downwardAPI) {
    const items = downwardAPI.items ?? [];
    return new Map(items.map((item) => [item.path, downwardFile(pod, item, mode, context)]));
  }
  if (serviceAccountToken) {
    const token = await context.tokens.tokenFor(pod, serviceAccountToken);
    return new Map([[serviceAccountToken.path, { data: Buffer.from(token), mode }]]);
  }
  const source = Object.keys(others)[0] ?? "nothing";
  throw new Error(`projected volume source "${source}" is not supported`);
}

function requireUnless(
  optional: boolean | undefined,
  data: ConfigData | undefined,
  message: string,
): ConfigData {
  if (data !== undefined) return data;
  if (optional) return new Map();
  throw new Error(message);
}

function keysToPaths(
  data: ConfigData,
  { items, optional }: { items?: KeyToPath[]; optional?: boolean },
  mode: number,
): Payload {
  if (!items?.length) return new Map([...data].map(([key, value]) => [key, { data: value, mode }]));
  return new Map(
    items.flatMap(({ key, path, mode: own = mode }) => {
      const value = data.get(key);
      if (value !== undefined) return [[path, { data: value, mode: own }] as const];
      if (optional) return [];
      throw new Error(`references non-existent config key: ${key}`);
    }),
  );
}

function downwardFile(
  pod: Pod,
  { fieldRef, resourceFieldRef, mode: own }: DownwardAPIVolumeFile,
  mode: number,
  context: PayloadContext,
) {
  let text = "";
  if (fieldRef) text = podField(pod, fieldRef.fieldPath, context);
  if (resourceFieldRef) {
    const container = pod.spec.containers.find((c) => c.name === resourceFieldRef.containerName);
    if (container === undefined) {
      throw new Error(`container ${resourceFieldRef.containerName} not found`);
    }
    text = containerResource(container, resourceFieldRef, context.allocatable);
  }
  return { data: Buffer.from(text), mode: own ?? mode };
}

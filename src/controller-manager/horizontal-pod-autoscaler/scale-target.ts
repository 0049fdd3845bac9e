/**
 * What an autoscaler scales: anything with a scale, found by discovery, so that kinds declared by users
 * are scaled as well.
 *
 * In Kubernetes: pkg/controller/podautoscaler/horizontal.go (scaleForResourceMappings), k8s.io/client-go/scale
 */
import type { HorizontalPodAutoscaler } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { ObjectMeta } from "../../api/kind.ts";
import type { Client } from "../../client/client.ts";

export interface Scale {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
  spec: { replicas?: number };
  status: { replicas: number; selector?: string };
}

export interface ScaleTarget {
  path: string;
  scale: Scale;
}

interface ResourceList {
  resources: { name: string; kind: string }[];
}

export async function readScale(
  { metadata, spec }: HorizontalPodAutoscaler,
  client: Client,
): Promise<ScaleTarget> {
  const { apiVersion = "v1", kind, name } = spec.scaleTargetRef;
  const { root, name: plural } = await resourceOf(apiVersion, kind, client);
  const namespace = encodeURIComponent(metadata.namespace ?? "");
  const path = `${root}/namespaces/${namespace}/${plural}/${encodeURIComponent(name)}/scale`;
  return { path, scale: await client.raw<Scale>("GET", path) };
}

/** Where the objects of a kind are, and the plural by which they are asked for. */
export async function resourceOf(apiVersion: string, kind: string, client: Client) {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { resources } = await client.raw<ResourceList>("GET", root);
  const resource = resources.find((one) => one.kind === kind && !one.name.includes("/"));
  if (resource === undefined) {
    throw new Error(
      `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
    );
  }
  return { root, name: resource.name };
}

export function writeScale({ path, scale }: ScaleTarget, replicas: number, client: Client) {
  return client.raw<Scale>("PUT", path, { ...scale, spec: { ...scale.spec, replicas } });
}

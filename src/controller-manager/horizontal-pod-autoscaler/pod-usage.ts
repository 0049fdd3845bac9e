/**
 * What pods use of a resource, in thousandths, as the resource metrics API tells it.
 *
 * In Kubernetes: pkg/controller/podautoscaler/metrics/client.go
 */
import { milliValue, quantityOf } from "../../api/quantity.ts";
import { type Client, queryOf } from "../../client/client.ts";
import { parseDuration } from "../../component/duration.ts";

export interface PodUsage {
  milli: number;
  atMs: number;
  windowMs: number;
}

/** By the name of the pod. */
export type Usages = Map<string, PodUsage>;

interface PodMetrics {
  metadata: { name: string };
  timestamp: string;
  window: string;
  containers: { name: string; usage: Record<string, string> }[];
}

export interface UsageQuestion {
  resource: string;
  namespace: string;
  labelSelector: string;
  /** Of this container only. */
  container?: string | undefined;
}

export async function usagesOf(question: UsageQuestion, client: Client): Promise<Usages> {
  const { resource, namespace, labelSelector } = question;
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const items = await listed(path + queryOf({ labelSelector }), client, resource);
  const usages: Usages = new Map();
  for (const { metadata, timestamp, window, containers } of items) {
    const { container } = question;
    if (container && !containers.some(({ name }) => name === container)) {
      const pod = `${namespace}/${metadata.name}`;
      const why = `container ${container} not present in metrics for pod ${pod}`;
      throw new Error(`${unable(resource)} failed to get container metrics: ${why}`);
    }
    const asked = containers.filter(
      ({ name }) => !question.container || name === question.container,
    );
    const amounts = asked.map(({ usage }) => usage[resource]);
    if (amounts.length === 0 || amounts.includes(undefined)) continue;
    const milli = amounts.reduce((sum, amount) => sum + milliValue(quantityOf(amount)), 0);
    usages.set(metadata.name, {
      milli,
      atMs: Date.parse(timestamp),
      windowMs: parseDuration(window),
    });
  }
  return usages;
}

async function listed(path: string, client: Client, resource: string): Promise<PodMetrics[]> {
  const { items } = await client
    .raw<{ items: PodMetrics[] }>("GET", path)
    .catch((error: Error): never => {
      throw new Error(
        `${unable(resource)} unable to fetch metrics from resource metrics API: ${error.message}`,
      );
    });
  if (items.length === 0)
    throw new Error(`${unable(resource)} no metrics returned from resource metrics API`);
  return items;
}

function unable(resource: string): string {
  return `unable to get metrics for resource ${resource}:`;
}

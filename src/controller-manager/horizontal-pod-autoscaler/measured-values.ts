/**
 * What others have measured, as the APIs custom.metrics.k8s.io and external.metrics.k8s.io tell it. Kubernetes
 * serves neither: an adapter does, registered with an APIService.
 *
 * In Kubernetes: customMetricsClient and externalMetricsClient in
 * pkg/controller/podautoscaler/metrics/client.go; staging/src/k8s.io/metrics/pkg/client
 */
import { milliValue, quantityOf } from "../../api/quantity.ts";
import { type Client, queryOf } from "../../client/client.ts";
import type { Usages } from "./pod-usage.ts";
import { resourceOf } from "./scale-target.ts";

const CUSTOM = "custom.metrics.k8s.io";
const EXTERNAL = "external.metrics.k8s.io";
/** Of the versions of the custom metrics, those that are understood. */
const VERSIONS = ["v1beta2", "v1beta1"];
const WINDOW_SECONDS = 60;
/** What a server says to a path it does not serve; clients add what they asked for. */
const UNKNOWN = "the server could not find the requested resource";

export interface ValueQuestion {
  namespace: string;
  metric: string;
  /** "verb=GET"; "": any. */
  metricSelector: string;
}

interface Value {
  describedObject?: { name?: string };
  timestamp?: string;
  /** In version v1beta2. */
  windowSeconds?: number;
  /** In version v1beta1. */
  window?: number;
  value: string;
}

interface Values {
  items: Value[];
}

interface GroupList {
  groups: {
    name: string;
    versions: { version: string }[];
    preferredVersion?: { version: string };
  }[];
}

/** By the name of the pod. */
export async function podValues(
  question: ValueQuestion & { labelSelector: string },
  client: Client,
): Promise<Usages> {
  const { namespace, metric, labelSelector, metricSelector } = question;
  const path = `namespaces/${encodeURIComponent(namespace)}/pods/*/${encodeURIComponent(metric)}`;
  const query = { labelSelector, metricLabelSelector: metricSelector };
  const { items } = await custom<Values>(path, query, client);
  if (items.length === 0) throw new Error("no metrics returned from custom metrics API");
  return new Map(
    items.map(({ describedObject, timestamp = "", windowSeconds, window, value }) => [
      describedObject?.name ?? "",
      {
        milli: milliValue(quantityOf(value)),
        atMs: Date.parse(timestamp),
        windowMs: (windowSeconds ?? window ?? WINDOW_SECONDS) * 1000,
      },
    ]),
  );
}

/** In thousandths. */
export async function objectValue(
  question: ValueQuestion & {
    describedObject: { apiVersion?: string; kind: string; name: string };
  },
  client: Client,
): Promise<number> {
  const { namespace, metric, metricSelector, describedObject } = question;
  const { apiVersion = "v1", kind, name } = describedObject;
  const [space, last] = [namespace, metric].map(encodeURIComponent);
  const query = { metricLabelSelector: metricSelector };
  if (kind === "Namespace" && apiVersion === "v1") {
    return onlyOne(await custom<Values>(`namespaces/${space}/metrics/${last}`, query, client));
  }
  const { name: plural } = await resourceOf(apiVersion, kind, client);
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  const resource = group ? `${plural}.${group}` : plural;
  const path = `namespaces/${space}/${resource}/${encodeURIComponent(name)}/${last}`;
  return onlyOne(await custom<Values>(path, query, client));
}

/** In thousandths. */
export async function externalValues(
  { namespace, metric, metricSelector }: ValueQuestion,
  client: Client,
): Promise<number[]> {
  const [space, name] = [namespace, metric].map(encodeURIComponent);
  const path = `/apis/${EXTERNAL}/v1beta1/namespaces/${space}/${name}`;
  const query = queryOf({ labelSelector: metricSelector || undefined });
  const { items } = await client.raw<Values>("GET", path + query).catch((error: Error): never => {
    const what = error.message === UNKNOWN ? ` (get ${metric}.${EXTERNAL})` : "";
    throw new Error(`unable to fetch metrics from external metrics API: ${error.message}${what}`);
  });
  if (items.length === 0) throw new Error("no metrics returned from external metrics API");
  return items.map(({ value }) => milliValue(quantityOf(value)));
}

async function custom<T>(path: string, query: object, client: Client): Promise<T> {
  try {
    const asked = Object.entries(query).filter(([, text]) => text !== "");
    const version = await customVersion(client);
    const root = `/apis/${CUSTOM}/${version}`;
    return await client.raw<T>("GET", `${root}/${path}${queryOf(Object.fromEntries(asked))}`);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`unable to fetch metrics from custom metrics API: ${message}`);
  }
}

async function customVersion(client: Client): Promise<string> {
  const { groups } = await client.raw<GroupList>("GET", "/apis");
  const group = groups.find(({ name }) => name === CUSTOM);
  if (group === undefined) throw new Error(`no custom metrics API (${CUSTOM}) registered`);
  const versions = [group.preferredVersion, ...group.versions].map((one) => one?.version ?? "");
  const version = versions.find((one) => VERSIONS.includes(one));
  if (version === undefined) throw new Error("no known available metric versions found");
  return version;
}

function onlyOne({ items }: Values): number {
  const [first] = items;
  if (first === undefined) {
    throw new Error(
      "unable to fetch metrics from custom metrics API: the custom metrics API server returned 0 results when we asked for exactly one",
    );
  }
  return milliValue(quantityOf(first.value));
}

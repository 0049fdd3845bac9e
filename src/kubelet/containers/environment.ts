/**
 * The environment of a container: the services it can reach, then envFrom, then env, the later
 * winning; values may use what stands before them.
 *
 * In Kubernetes: makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go
 */
import type { Container, EnvFromSource, EnvVar, EnvVarSource } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { Service } from "../../api/service.ts";
import { type ConfigData, ConfigError, type ConfigObjects } from "../pods/config-objects.ts";
import { containerResource, podField } from "../pods/downward-api.ts";
import { expand } from "./expansion.ts";
import { serviceEnvironment } from "./service-environment.ts";

export interface EnvironmentContext {
  objects: ConfigObjects;
  services: Service[];
  podIP: string;
  hostIP: string;
  allocatable: Record<string, string>;
}

const IS_ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

export async function environmentOf(
  pod: Pod,
  container: Container,
  context: EnvironmentContext,
): Promise<Map<string, string>> {
  const namespace = pod.metadata.namespace ?? "default";
  const links = pod.spec.enableServiceLinks ?? true;
  const services = serviceEnvironment(context.services, namespace, links);
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of await fromSource(source, namespace, context.objects)) {
      const name = `${source.prefix ?? ""}${key}`;
      if (IS_ENV_NAME.test(name)) result.set(name, value.toString());
    }
  }
  const lookUp = (name: string) => result.get(name) ?? services.get(name);
  for (const variable of container.env ?? []) {
    const value = await resolve(variable, pod, container, context);
    if (value === undefined) continue;
    result.set(variable.name, variable.valueFrom ? value : expand(value, lookUp));
  }
  return new Map([...services, ...result]);
}

async function fromSource(
  { configMapRef, secretRef }: EnvFromSource,
  namespace: string,
  objects: ConfigObjects,
): Promise<ConfigData> {
  const ref = configMapRef ?? secretRef;
  if (ref === undefined) return new Map();
  const { name = "", optional } = ref;
  const data = configMapRef
    ? await objects.configMap(namespace, name)
    : await objects.secret(namespace, name);
  if (data !== undefined) return data;
  if (optional) return new Map();
  throw notFound(configMapRef ? "configmap" : "secret", name);
}

async function resolve(
  { value = "", valueFrom }: EnvVar,
  pod: Pod,
  container: Container,
  context: EnvironmentContext,
): Promise<string | undefined> {
  if (valueFrom === undefined) return value;
  const { fieldRef, resourceFieldRef } = valueFrom;
  if (fieldRef) return podField(pod, fieldRef.fieldPath, context);
  if (resourceFieldRef) {
    const { containerName = container.name } = resourceFieldRef;
    const of = pod.spec.containers.find(({ name }) => name === containerName) ?? container;
    return containerResource(of, resourceFieldRef, context.allocatable);
  }
  return fromKey(valueFrom, pod.metadata.namespace ?? "default", context.objects);
}

async function fromKey(
  { configMapKeyRef, secretKeyRef }: EnvVarSource,
  namespace: string,
  objects: ConfigObjects,
): Promise<string | undefined> {
  const ref = configMapKeyRef ?? secretKeyRef;
  if (ref === undefined) return "";
  const { name = "", key, optional } = ref;
  const data = configMapKeyRef
    ? await objects.configMap(namespace, name)
    : await objects.secret(namespace, name);
  const value = data?.get(key);
  if (value !== undefined) return value.toString();
  if (optional) return undefined;
  if (data === undefined) throw notFound(configMapKeyRef ? "configmap" : "secret", name);
  const kind = configMapKeyRef ? "ConfigMap" : "Secret";
  throw new ConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${name}`);
}

function notFound(kind: string, name: string): ConfigError {
  return new ConfigError(`${kind} ${JSON.stringify(name)} not found`);
}

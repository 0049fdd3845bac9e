/**
 * Everything but pods as v1beta1 and v1beta2 had it: replication controllers, services with one port,
 * endpoints, minions, events and namespaces.
 *
 * In Kubernetes: pkg/api/v1beta1/{types,conversion}.go (v0.14)
 */
import type { Endpoints } from "../../api/endpoints.ts";
import type { Event } from "../../api/event.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { Node } from "../../api/node.ts";
import type { ReplicationController } from "../../api/replication-controller.ts";
import type { Service } from "../../api/service.ts";
import { flatResources } from "./flat-container.ts";
import { flatMeta, type Place } from "./flat-meta.ts";
import { CONDITION_STATUSES, EMPTY_MANIFEST, flatPodState } from "./flat-pod.ts";
import { type Json, omitEmpty, pick, struct } from "./omit-empty.ts";

export function flatReplicationController(rc: ReplicationController, place: Place): Json {
  const { metadata, spec, status } = rc;
  const { template } = spec;
  return {
    ...flatMeta(rc, place),
    desiredState: {
      replicas: spec.replicas ?? 0,
      replicaSelector: spec.selector ?? null,
      podTemplate: {
        desiredState: flatPodState(template.spec, place.version),
        ...omitEmpty({
          nodeSelector: template.spec.nodeSelector,
          labels: template.metadata?.labels,
          annotations: template.metadata?.annotations,
        }),
      },
    },
    currentState: {
      replicas: status?.replicas ?? 0,
      podTemplate: { desiredState: { manifest: EMPTY_MANIFEST } },
    },
    ...omitEmpty({ labels: metadata.labels }),
  };
}

/** A service had one port: of several, the first is shown. */
export function flatService(service: Service, place: Place): Json {
  const { metadata, spec } = service;
  const [first] = spec.ports ?? [];
  return {
    ...flatMeta(service, place),
    port: first?.port ?? 0,
    ...omitEmpty({ protocol: first?.protocol, labels: metadata.labels }),
    selector: spec.selector ?? null,
    ...omitEmpty({
      createExternalLoadBalancer: spec.type === "LoadBalancer",
      publicIPs: spec.externalIPs,
      containerPort: first?.targetPort,
      portalIP: spec.clusterIP,
      sessionAffinity: spec.sessionAffinity,
    }),
  };
}

/** As a list of "address:port", and, as later, in subsets. */
export function flatEndpoints(endpoints: Endpoints, place: Place): Json {
  const { subsets = [] } = endpoints;
  const first = subsets.flatMap(({ ports = [] }) => ports)[0];
  const shown = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports
      .filter(({ name = "" }) => name === (first?.name ?? ""))
      .flatMap(({ port }) =>
        addresses.map(({ ip, targetRef }) => ({ endpoint: `${ip}:${port}`, targetRef })),
      ),
  );
  return {
    ...flatMeta(endpoints, place),
    protocol: first?.protocol ?? "TCP",
    endpoints: shown.map(({ endpoint }) => endpoint),
    ...omitEmpty({
      targetRefs: shown.flatMap(({ endpoint, targetRef }) =>
        targetRef === undefined ? [] : [{ endpoint, targetRef }],
      ),
      subsets: subsets.map(({ addresses = [], ports = [] }) =>
        omitEmpty({
          addresses: addresses.map(({ ip, targetRef }) => omitEmpty({ IP: ip, targetRef })),
          ports: ports.map((port) => pick(port, ["name", "port", "protocol"])),
        }),
      ),
    }),
  };
}

export function flatMinion(node: Node, place: Place): Json {
  const { metadata, spec, status = {} } = node;
  const { addresses = [], nodeInfo } = status;
  return {
    ...flatMeta(node, place),
    ...omitEmpty({ hostIP: addresses.find(({ type }) => type === "InternalIP")?.address }),
    resources: struct({ capacity: flatResources(status.capacity) }),
    ...omitEmpty({ podCIDR: spec.podCIDR, unschedulable: spec.unschedulable }),
    status: struct({
      phase: status.phase,
      conditions: (status.conditions ?? []).map((one) => ({
        kind: one.type,
        status: CONDITION_STATUSES[one.status] ?? "Unknown",
        lastProbeTime: one.lastHeartbeatTime ?? null,
        lastTransitionTime: one.lastTransitionTime ?? null,
        ...pick(one, ["reason", "message"]),
      })),
      addresses: addresses.map(({ type, address }) => ({ type, address })),
      nodeInfo: nodeInfo && {
        machineID: nodeInfo.machineID,
        systemUUID: nodeInfo.systemUUID,
        bootID: nodeInfo.bootID,
        kernelVersion: nodeInfo.kernelVersion,
        osImage: nodeInfo.osImage,
        containerRuntimeVersion: nodeInfo.containerRuntimeVersion,
        kubeletVersion: nodeInfo.kubeletVersion,
        KubeProxyVersion: nodeInfo.kubeProxyVersion,
      },
    }),
    ...omitEmpty({ labels: metadata.labels, externalID: spec.externalID ?? metadata.name }),
  };
}

export function flatEvent(event: Event, place: Place): Json {
  const { involvedObject, source = {} } = event;
  return {
    ...flatMeta(event, place),
    involvedObject: struct(
      pick(involvedObject, [
        "kind",
        "namespace",
        "name",
        "uid",
        "apiVersion",
        "resourceVersion",
        "fieldPath",
      ]),
    ),
    ...omitEmpty({
      reason: event.reason,
      message: event.message,
      source: source.component,
      host: source.host,
    }),
    timestamp: event.firstTimestamp ?? null,
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    ...omitEmpty({ count: event.count }),
  };
}

export function flatNamespace(namespace: Namespace, place: Place): Json {
  const { metadata, spec, status } = namespace;
  return {
    ...flatMeta(namespace, place),
    ...omitEmpty({ labels: metadata.labels }),
    spec: struct(pick(spec, ["finalizers"])),
    status: struct(pick(status, ["phase"])),
  };
}

/**
 * v1beta3: in shape what v1 became, but for a handful of names. What came with or after v1 (security contexts,
 * tolerations, several ports of a service) is not there.
 *
 * In Kubernetes: pkg/api/v1beta3/types.go (v0.14)
 */
import type { Container, ContainerStatus, PodSpec } from "kubernetes-types/core/v1.js";
import type { Endpoints } from "../../api/endpoints.ts";
import type { Event } from "../../api/event.ts";
import type { KubeObject } from "../../api/kind.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { Node } from "../../api/node.ts";
import type { Pod } from "../../api/pod.ts";
import type { ReplicationController } from "../../api/replication-controller.ts";
import type { Service } from "../../api/service.ts";
import { legacyState } from "./flat-pod.ts";
import { type Json, omitEmpty, pick, struct } from "./omit-empty.ts";

export function v1beta3Meta({ kind, metadata }: KubeObject, resource: string): Json {
  const { name, namespace, creationTimestamp = null } = metadata;
  const space = namespace ? `/namespaces/${namespace}` : "";
  return {
    kind,
    apiVersion: "v1beta3",
    metadata: {
      ...pick(metadata, ["name", "generateName", "namespace"]),
      selfLink: `/api/v1beta3${space}/${resource}/${name}`,
      ...pick(metadata, ["uid", "resourceVersion"]),
      creationTimestamp,
      ...pick(metadata, ["deletionTimestamp", "labels", "annotations"]),
    },
  };
}

export function v1beta3Pod(pod: Pod): Json {
  const { spec, status = {} } = pod;
  return {
    ...v1beta3Meta(pod, "pods"),
    spec: v1beta3PodSpec(spec),
    status: struct({
      phase: status.phase,
      Condition: (status.conditions ?? [])
        .filter(({ type }) => type === "Ready")
        .map(({ type, status: is }) => ({ type, status: is })),
      message: status.message,
      host: spec.nodeName,
      hostIP: status.hostIP,
      podIP: status.podIP,
      containerStatuses: (status.containerStatuses ?? []).map(containerStatus),
    }),
  };
}

function v1beta3PodSpec(spec: PodSpec): Json {
  return omitEmpty({
    volumes: spec.volumes,
    containers: spec.containers.map(v1beta3Container),
    ...pick(spec, ["restartPolicy", "dnsPolicy", "nodeSelector"]),
    host: spec.nodeName,
    hostNetwork: spec.hostNetwork,
  });
}

/** Privileges and capabilities belonged to the container itself. */
function v1beta3Container(container: Container): Json {
  const { resources, securityContext = {} } = container;
  return omitEmpty({
    ...pick(container, ["name", "image", "command", "args", "workingDir", "ports", "env"]),
    resources: struct(pick(resources, ["limits", "requests"])),
    ...pick(container, ["volumeMounts", "livenessProbe", "readinessProbe", "lifecycle"]),
    terminationMessagePath: container.terminationMessagePath,
    privileged: securityContext.privileged,
    imagePullPolicy: container.imagePullPolicy,
    capabilities: struct(pick(securityContext.capabilities, ["add", "drop"])),
  });
}

function containerStatus(status: ContainerStatus): Json {
  const { name, ready, restartCount, image, imageID, containerID } = status;
  return {
    name,
    state: legacyState(status.state),
    lastState: legacyState(status.lastState),
    ...{ ready, restartCount, image, imageID },
    ...omitEmpty({ containerID }),
  };
}

export function v1beta3ReplicationController(rc: ReplicationController): Json {
  const { template } = rc.spec;
  const { labels, annotations } = template.metadata ?? {};
  return {
    ...v1beta3Meta(rc, "replicationcontrollers"),
    spec: {
      replicas: rc.spec.replicas ?? 0,
      selector: rc.spec.selector ?? null,
      template: {
        metadata: { creationTimestamp: null, ...omitEmpty({ labels, annotations }) },
        spec: v1beta3PodSpec(template.spec),
      },
    },
    status: { replicas: rc.status?.replicas ?? 0 },
  };
}

export function v1beta3Service(service: Service): Json {
  const { spec } = service;
  const [first] = spec.ports ?? [];
  return {
    ...v1beta3Meta(service, "services"),
    spec: {
      port: first?.port ?? 0,
      ...omitEmpty({ protocol: first?.protocol }),
      selector: spec.selector ?? null,
      ...omitEmpty({
        portalIP: spec.clusterIP,
        createExternalLoadBalancer: spec.type === "LoadBalancer",
        publicIPs: spec.externalIPs,
        targetPort: first?.targetPort,
        sessionAffinity: spec.sessionAffinity,
      }),
    },
    status: {},
  };
}

export function v1beta3Endpoints(endpoints: Endpoints): Json {
  const { subsets = [] } = endpoints;
  return {
    ...v1beta3Meta(endpoints, "endpoints"),
    subsets: subsets.map(({ addresses = [], ports = [] }) =>
      omitEmpty({
        addresses: addresses.map(({ ip, targetRef }) => omitEmpty({ IP: ip, targetRef })),
        ports: ports.map((port) => pick(port, ["name", "port", "protocol"])),
      }),
    ),
  };
}

export function v1beta3Node(node: Node): Json {
  const { spec, status = {}, metadata } = node;
  const { nodeInfo } = status;
  return {
    ...v1beta3Meta(node, "nodes"),
    spec: struct({
      podCIDR: spec.podCIDR,
      externalID: spec.externalID ?? metadata.name,
      unschedulable: spec.unschedulable,
    }),
    status: struct({
      ...pick(status, ["capacity", "phase", "conditions", "addresses"]),
      nodeInfo: nodeInfo && {
        ...pick(nodeInfo, ["machineID", "systemUUID", "bootID", "kernelVersion", "osImage"]),
        ...pick(nodeInfo, ["containerRuntimeVersion", "kubeletVersion"]),
        KubeProxyVersion: nodeInfo.kubeProxyVersion,
      },
    }),
  };
}

export function v1beta3Event(event: Event): Json {
  return {
    ...v1beta3Meta(event, "events"),
    involvedObject: event.involvedObject,
    ...pick(event, ["reason", "message"]),
    source: struct(pick(event.source, ["component", "host"])),
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    ...pick(event, ["count"]),
  };
}

export function v1beta3Namespace(namespace: Namespace): Json {
  return {
    ...v1beta3Meta(namespace, "namespaces"),
    spec: struct(pick(namespace.spec, ["finalizers"])),
    status: struct(pick(namespace.status, ["phase"])),
  };
}

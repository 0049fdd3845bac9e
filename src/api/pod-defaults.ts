/**
 * What a pod gets where its author said nothing. Kubernetes fills this in when it reads the object,
 * so the answer to a create already shows it, and an update compares complete objects.
 *
 * In Kubernetes: pkg/apis/core/v1/defaults.go
 */
import type { Container, PodSpec, Probe, Volume } from "kubernetes-types/core/v1.js";
import { canonicalResources } from "./resources.ts";
import { setVendorDefaults } from "./vendor-volume-defaults.ts";

const FILE_MODE = 0o644;

/** What only a pod gets, and the template of a pod does not: it would show in everything that has a template. */
export function setPodDefaults(spec: PodSpec): void {
  setPodSpecDefaults(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    requestLimits(container);
    if (spec.hostNetwork) useHostPorts(container);
  }
}

export function setPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ||= "Always";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ||= "ClusterFirst";
  spec.securityContext ??= {};
  spec.schedulerName ||= "default-scheduler";
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) {
    setContainerDefaults(container as Container);
  }
  // Admission comes before validation, which is what misses them.
  spec.containers ??= [];
  for (const container of spec.containers) setContainerDefaults(container);
  if (spec.overhead) spec.overhead = canonicalResources(spec.overhead);
}

function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= "v1";
  }
  setResourceDefaults(container);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) setHttpDefaults(handler.httpGet);
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe);
  }
}

/** ":latest", said or meant, may be another image tomorrow; any other tag is pulled once. */
function pullPolicyOf(image: string): string {
  const [name = "", digest] = image.split("/").at(-1)!.split("@");
  const tag = name.split(":")[1] ?? (digest === undefined ? "latest" : "");
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function setResourceDefaults(container: Container): void {
  container.resources ??= {};
  const { resources } = container;
  if (resources.limits) resources.limits = canonicalResources(resources.limits);
  if (resources.requests) resources.requests = canonicalResources(resources.requests);
}

/** A limit without a request is also the request. */
function requestLimits({ resources = {} }: Container): void {
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    resources.requests ??= {};
    resources.requests[name] ??= limit;
  }
}

function setProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) setHttpDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= "";
}

function setHttpDefaults(httpGet: NonNullable<Probe["httpGet"]>): void {
  httpGet.path ||= "/";
  httpGet.scheme ||= "HTTP";
}

function useHostPorts({ ports = [] }: Container): void {
  for (const port of ports) port.hostPort ||= port.containerPort;
}

const sourceDefaults: { [source in keyof Volume]?: (source: NonNullable<Volume[source]>) => void } =
  {
    hostPath: (source) => {
      source.type ??= "";
    },
    secret: (source) => {
      source.defaultMode ??= FILE_MODE;
    },
    configMap: (source) => {
      source.defaultMode ??= FILE_MODE;
    },
    downwardAPI: (source) => {
      source.defaultMode ??= FILE_MODE;
      setFieldRefDefaults(source.items);
    },
    projected: (source) => {
      source.defaultMode ??= FILE_MODE;
      for (const { downwardAPI, serviceAccountToken } of source.sources ?? []) {
        setFieldRefDefaults(downwardAPI?.items);
        if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
      }
    },
  };

/** A volume without any source is an empty directory. */
function setVolumeDefaults(volume: Volume): void {
  const isBare = Object.keys(volume).every((key) => key === "name");
  if (isBare) volume.emptyDir = {};
  if (volume.hostPath) sourceDefaults.hostPath?.(volume.hostPath);
  if (volume.secret) sourceDefaults.secret?.(volume.secret);
  if (volume.configMap) sourceDefaults.configMap?.(volume.configMap);
  if (volume.downwardAPI) sourceDefaults.downwardAPI?.(volume.downwardAPI);
  if (volume.projected) sourceDefaults.projected?.(volume.projected);
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) claim.volumeMode ??= "Filesystem";
  setVendorDefaults(volume);
}

function setFieldRefDefaults(items: { fieldRef?: { apiVersion?: string } }[] = []): void {
  for (const { fieldRef } of items) if (fieldRef) fieldRef.apiVersion ||= "v1";
}

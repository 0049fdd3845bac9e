/**
 * The numbers of the fields of a pod, in the notation of protobuf-fields.ts, for `kubectl debug --copy-to` sends whole pods.
 * A plus marks a message that has no name in JSON: its fields stand among those of the message around it.
 *
 * In Kubernetes: staging/src/k8s.io/api/core/v1/generated.proto
 */
const CORE = "io.k8s.api.core.v1";
const inCore = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, list]) => [`${CORE}.${name}`, list]));

const CONTAINER =
  "name image command args workingDir ports env resources volumeMounts livenessProbe readinessProbe lifecycle terminationMessagePath imagePullPolicy securityContext stdin stdinOnce tty envFrom terminationMessagePolicy volumeDevices startupProbe resizePolicy restartPolicy*";
const POD_AFFINITY =
  "requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution";
const REFERENCE = `+${CORE}.LocalObjectReference`;

const containers = inCore({
  Container: CONTAINER,
  EphemeralContainer: `+${CORE}.EphemeralContainerCommon targetContainerName`,
  EphemeralContainerCommon: CONTAINER,
  ContainerPort: "name hostPort containerPort protocol hostIP",
  EnvVar: "name value valueFrom",
  EnvVarSource: "fieldRef resourceFieldRef configMapKeyRef secretKeyRef",
  EnvFromSource: "prefix configMapRef secretRef",
  ConfigMapEnvSource: `${REFERENCE} optional*`,
  SecretEnvSource: `${REFERENCE} optional*`,
  ConfigMapKeySelector: `${REFERENCE} key optional*`,
  SecretKeySelector: `${REFERENCE} key optional*`,
  ObjectFieldSelector: "apiVersion fieldPath",
  ResourceFieldSelector: "containerName resource divisor",
  ResourceRequirements: "limits requests claims",
  ContainerResizePolicy: "resourceName restartPolicy",
  VolumeMount: "name readOnly mountPath subPath mountPropagation* subPathExpr recursiveReadOnly*",
  VolumeDevice: "name devicePath",
  Lifecycle: "postStart preStop",
  LifecycleHandler: "exec httpGet tcpSocket sleep",
  SleepAction: "seconds",
  Probe: `+${CORE}.ProbeHandler initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds*`,
  ProbeHandler: "exec httpGet tcpSocket grpc",
  ExecAction: "command",
  HTTPGetAction: "path port host scheme httpHeaders",
  HTTPHeader: "name value",
  TCPSocketAction: "port host",
  GRPCAction: "port service*",
  SecurityContext:
    "capabilities privileged* seLinuxOptions runAsUser* runAsNonRoot* readOnlyRootFilesystem* allowPrivilegeEscalation* runAsGroup* procMount* windowsOptions seccompProfile appArmorProfile",
  Capabilities: "add drop",
  SELinuxOptions: "user role type level",
  SeccompProfile: "type localhostProfile*",
  AppArmorProfile: "type localhostProfile*",
});

const volumes = inCore({
  Volume: `name +${CORE}.VolumeSource`,
  VolumeSource:
    "hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO projected storageos csi ephemeral",
  HostPathVolumeSource: "path type*",
  EmptyDirVolumeSource: "medium sizeLimit*",
  GitRepoVolumeSource: "repository revision directory",
  SecretVolumeSource: "secretName items defaultMode* optional*",
  ConfigMapVolumeSource: `${REFERENCE} items defaultMode* optional*`,
  NFSVolumeSource: "server path readOnly",
  PersistentVolumeClaimVolumeSource: "claimName readOnly",
  DownwardAPIVolumeSource: "items defaultMode*",
  DownwardAPIVolumeFile: "path fieldRef resourceFieldRef mode*",
  KeyToPath: "key path mode*",
  ProjectedVolumeSource: "sources defaultMode*",
  VolumeProjection: "secret downwardAPI configMap serviceAccountToken clusterTrustBundle",
  SecretProjection: `${REFERENCE} items - optional*`,
  ConfigMapProjection: `${REFERENCE} items - optional*`,
  DownwardAPIProjection: "items",
  ServiceAccountTokenProjection: "audience expirationSeconds* path",
  CSIVolumeSource: "driver readOnly* fsType* volumeAttributes nodePublishSecretRef",
});

const placing = inCore({
  Affinity: "nodeAffinity podAffinity podAntiAffinity",
  NodeAffinity: POD_AFFINITY,
  NodeSelector: "nodeSelectorTerms",
  NodeSelectorTerm: "matchExpressions matchFields",
  NodeSelectorRequirement: "key operator values",
  PreferredSchedulingTerm: "weight preference",
  PodAffinity: POD_AFFINITY,
  PodAntiAffinity: POD_AFFINITY,
  PodAffinityTerm:
    "labelSelector namespaces topologyKey namespaceSelector matchLabelKeys mismatchLabelKeys",
  WeightedPodAffinityTerm: "weight podAffinityTerm",
  Toleration: "key operator value effect tolerationSeconds*",
  TopologySpreadConstraint:
    "maxSkew topologyKey whenUnsatisfiable labelSelector minDomains* nodeAffinityPolicy* nodeTaintsPolicy* matchLabelKeys",
  PodSchedulingGate: "name",
});

export const POD_FIELDS: Readonly<Record<string, string>> = {
  ...containers,
  ...volumes,
  ...placing,
  ...inCore({
    Pod: "metadata spec status",
    PodTemplateSpec: "metadata spec",
    PodSpec:
      "volumes containers restartPolicy terminationGracePeriodSeconds* activeDeadlineSeconds* dnsPolicy nodeSelector serviceAccountName serviceAccount nodeName hostNetwork hostPID hostIPC securityContext imagePullSecrets hostname subdomain affinity schedulerName initContainers automountServiceAccountToken* tolerations hostAliases priorityClassName priority* dnsConfig shareProcessNamespace* readinessGates runtimeClassName* enableServiceLinks* preemptionPolicy* overhead topologySpreadConstraints ephemeralContainers setHostnameAsFQDN* os hostUsers* schedulingGates resourceClaims",
    PodSecurityContext:
      "seLinuxOptions runAsUser* runAsNonRoot* supplementalGroups fsGroup* runAsGroup* sysctls windowsOptions fsGroupChangePolicy* seccompProfile appArmorProfile",
    Sysctl: "name value",
    HostAlias: "ip hostnames",
    PodDNSConfig: "nameservers searches options",
    PodDNSConfigOption: "name value*",
    PodReadinessGate: "conditionType",
    PodOS: "name",
    LocalObjectReference: "name",
  }),
};

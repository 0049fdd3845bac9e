/**
 * The roles of controllers, each given to the service account of its name in kube-system. policy-table.ts says
 * how to read it.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go
 */
import type { ClusterRole } from "../../api/rbac/cluster-role.ts";
import { clusterRolesOf } from "./policy-table.ts";

export const CONTROLLER_PREFIX = "system:controller:";

const TABLE = `
attachdetach-controller
  list,watch  core  persistentvolumes,persistentvolumeclaims
  read  core  nodes
  patch,update  core  nodes/status
  list,watch  core  pods
  events
  create,delete,get,list,watch  storage.k8s.io  volumeattachments
  read  storage.k8s.io  csidrivers
  read  storage.k8s.io  csinodes

clusterrole-aggregation-controller
  escalate,get,list,watch,update,patch  rbac.authorization.k8s.io  clusterroles

cronjob-controller
  get,list,watch,update  batch  cronjobs
  get,list,watch,create,update,delete,patch  batch  jobs
  update  batch  cronjobs/status
  update  batch  cronjobs/finalizers
  list,watch,delete  core  pods
  events

daemon-set-controller
  read  extensions,apps  daemonsets
  update  extensions,apps  daemonsets/status
  update  extensions,apps  daemonsets/finalizers
  list,watch  core  nodes
  list,watch,create,delete,patch  core  pods
  create  core  pods/binding
  get,list,watch,create,delete,update,patch  apps  controllerrevisions
  events

deployment-controller
  get,list,watch,update  extensions,apps  deployments
  update  extensions,apps  deployments/status
  update  extensions,apps  deployments/finalizers
  get,list,watch,create,update,patch,delete  apps,extensions  replicasets
  get,list,watch,update  core  pods
  events

disruption-controller
  read  extensions,apps  deployments
  read  apps,extensions  replicasets
  read  core  replicationcontrollers
  read  policy  poddisruptionbudgets
  read  apps  statefulsets
  update  policy  poddisruptionbudgets/status
  patch,update  core  pods/status
  get  *  */scale
  events

endpoint-controller
  read  core  services,pods
  get,list,watch,create,update,delete  core  endpoints
  create  core  endpoints/restricted
  events

endpointslice-controller
  read  core  services,pods,nodes
  update  core  services/finalizers
  get,list,watch,create,update,delete  discovery.k8s.io  endpointslices
  events

endpointslicemirroring-controller
  read  core  services,endpoints
  update  core  services/finalizers
  update  core  endpoints/finalizers
  get,list,watch,create,update,delete  discovery.k8s.io  endpointslices
  events

expand-controller
  change  core  persistentvolumes
  update,patch  core  persistentvolumeclaims/status
  read  core  persistentvolumeclaims
  events

ephemeral-volume-controller
  read  core  pods
  update  core  pods/finalizers
  get,list,watch,create  core  persistentvolumeclaims
  events

generic-garbage-collector
  get,list,watch,patch,update,delete  *  *
  events

horizontal-pod-autoscaler
  read  autoscaling  horizontalpodautoscalers
  update  autoscaling  horizontalpodautoscalers/status
  get,update  *  */scale
  list,watch  core  pods
  list  metrics.k8s.io  pods
  get,list  custom.metrics.k8s.io  *
  get,list  external.metrics.k8s.io  *
  events

job-controller
  change  batch  jobs
  update  batch  jobs/status
  update  batch  jobs/finalizers
  list,watch,create,delete,patch  core  pods
  events

namespace-controller
  get,list,watch,delete  core  namespaces
  update  core  namespaces/finalize,namespaces/status
  get,list,delete,deletecollection  *  *

node-controller
  get,list,update,delete,patch,watch  core  nodes
  patch,update  core  nodes/status
  patch,update  core  pods/status
  list,watch,get,delete  core  pods
  events

persistent-volume-binder
  get,list,watch,update,create,delete  core  persistentvolumes
  update  core  persistentvolumes/status
  get,list,watch,update  core  persistentvolumeclaims
  update  core  persistentvolumeclaims/status
  list,watch,get,create,delete  core  pods
  read  storage.k8s.io  storageclasses
  get,create,delete  core  services,endpoints
  get  core  secrets
  list,watch  core  nodes
  events
  watch  core  events

pod-garbage-collector
  list,watch,delete  core  pods
  get,list,watch  core  nodes
  patch  core  pods/status

replicaset-controller
  get,list,watch,update  apps,extensions  replicasets
  update  apps,extensions  replicasets/status
  update  apps,extensions  replicasets/finalizers
  list,watch,patch,create,delete  core  pods
  events

replication-controller
  get,list,watch,update  core  replicationcontrollers
  update  core  replicationcontrollers/status
  update  core  replicationcontrollers/finalizers
  list,watch,patch,create,delete  core  pods
  events

resourcequota-controller
  list,watch  *  *
  update  core  resourcequotas/status
  events

route-controller
  list,watch  core  nodes
  patch  core  nodes/status
  events

service-account-controller
  create  core  serviceaccounts
  events

service-controller
  read  core  services
  patch,update  core  services/status
  list,watch  core  nodes
  events

statefulset-controller
  list,watch  core  pods
  read  apps  statefulsets
  update  apps  statefulsets/status
  update  apps  statefulsets/finalizers
  get,create,delete,update,patch  core  pods
  get,create,delete,update,patch,list,watch  apps  controllerrevisions
  get,create,list,watch  core  persistentvolumeclaims
  update,delete  core  persistentvolumeclaims
  events

ttl-controller
  update,patch,list,watch  core  nodes
  events

certificate-controller
  get,list,watch,delete  certificates.k8s.io  certificatesigningrequests
  update  certificates.k8s.io  certificatesigningrequests/status,certificatesigningrequests/approval
  approve  certificates.k8s.io  signers  kubernetes.io/kube-apiserver-client-kubelet
  sign  certificates.k8s.io  signers  kubernetes.io/legacy-unknown,kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving
  create  authorization.k8s.io  subjectaccessreviews
  events

pvc-protection-controller
  get,list,watch,update  core  persistentvolumeclaims
  list,watch,get  core  pods
  events

pv-protection-controller
  get,list,watch,update  core  persistentvolumes
  events

ttl-after-finished-controller
  get,list,watch,delete  batch  jobs
  events

root-ca-cert-publisher
  create,update  core  configmaps
  events

validatingadmissionpolicy-status-controller
  read  admissionregistration.k8s.io  validatingadmissionpolicies
  get,patch,update  admissionregistration.k8s.io  validatingadmissionpolicies/status
  events

legacy-service-account-token-cleaner
  get  core  configmaps  kube-apiserver-legacy-service-account-token-tracking
  patch,delete  core  secrets
`;

export const controllerRoles = (): ClusterRole[] =>
  clusterRolesOf(TABLE.replaceAll(/^(?=\S)/gm, CONTROLLER_PREFIX));

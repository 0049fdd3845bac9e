/**
 * The roles every cluster has from its first moment, but those of controllers: for people (cluster-admin, admin,
 * edit, view), for everybody (discovery, basic-user), and for components. policy-table.ts says how to read it.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go
 */
import type { ClusterRole } from "../../api/rbac/cluster-role.ts";
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import { clusterRolesOf, gatheringRole, ruleOf } from "./policy-table.ts";

/** What a node may do, as far as the Node authorizer does not look closer. */
const NODE = `
  create                          authentication.k8s.io  tokenreviews
  create                          authorization.k8s.io   localsubjectaccessreviews,subjectaccessreviews
  read                            core                   services
  create,get,list,watch           core                   nodes
  update,patch                    core                   nodes/status
  update,patch                    core                   nodes
  events
  read                            core                   pods
  create,delete                   core                   pods
  update,patch                    core                   pods/status
  create                          core                   pods/eviction
  read                            core                   configmaps,secrets
  get                             core                   persistentvolumeclaims,persistentvolumes
  get                             core                   endpoints
  create,get,list,watch           certificates.k8s.io    certificatesigningrequests
  create,delete,get,patch,update  coordination.k8s.io    leases
  get                             storage.k8s.io         volumeattachments
  get,patch,update                core                   persistentvolumeclaims/status
  create                          core                   serviceaccounts/token
  read                            storage.k8s.io         csidrivers
  create,delete,get,patch,update  storage.k8s.io         csinodes
  read                            node.k8s.io            runtimeclasses
`;

const FOR_PEOPLE = `
cluster-admin
  *       *                          *
  *       *

system:aggregate-to-admin ! admin
  create  authorization.k8s.io       localsubjectaccessreviews
  all     rbac.authorization.k8s.io  roles,rolebindings

system:aggregate-to-edit ! edit
  read    core                       pods/attach,pods/proxy,pods/exec,pods/portforward,secrets,services/proxy
  impersonate  core                  serviceaccounts
  write   core                       pods,pods/attach,pods/proxy,pods/exec,pods/portforward
  create  core                       pods/eviction
  write   core                       replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/proxy,persistentvolumeclaims,configmaps,secrets,events
  create  core                       serviceaccounts/token
  write   apps                       statefulsets,statefulsets/scale,daemonsets,deployments,deployments/scale,deployments/rollback,replicasets,replicasets/scale
  write   autoscaling                horizontalpodautoscalers
  write   batch                      jobs,cronjobs
  write   extensions                 daemonsets,deployments,deployments/scale,deployments/rollback,ingresses,replicasets,replicasets/scale,replicationcontrollers/scale,networkpolicies
  write   policy                     poddisruptionbudgets
  write   networking.k8s.io          networkpolicies,ingresses
  all     coordination.k8s.io        leases

system:aggregate-to-view ! view
  read    core                       pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,configmaps
  read    core                       limitranges,resourcequotas,bindings,events,pods/status,resourcequotas/status,namespaces/status,replicationcontrollers/status,pods/log
  read    core                       namespaces
  read    discovery.k8s.io           endpointslices
  read    apps                       controllerrevisions,statefulsets,statefulsets/status,statefulsets/scale,daemonsets,daemonsets/status,deployments,deployments/status,deployments/scale,replicasets,replicasets/status,replicasets/scale
  read    autoscaling                horizontalpodautoscalers,horizontalpodautoscalers/status
  read    batch                      jobs,cronjobs,cronjobs/status,jobs/status
  read    extensions                 daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale,networkpolicies
  read    policy                     poddisruptionbudgets,poddisruptionbudgets/status
  read    networking.k8s.io          networkpolicies,ingresses,ingresses/status
`;

const FOR_EVERYBODY = `
system:discovery
  get     /livez,/readyz,/healthz,/version,/version/,/openapi,/openapi/*,/api,/api/*,/apis,/apis/*

system:public-info-viewer
  get     /livez,/readyz,/healthz,/version,/version/

system:basic-user
  create  authorization.k8s.io       selfsubjectaccessreviews,selfsubjectrulesreviews
  create  authentication.k8s.io      selfsubjectreviews

system:monitoring
  get     /metrics,/metrics/slis,/livez,/readyz,/healthz,/livez/*,/readyz/*,/healthz/*
`;

const FOR_COMPONENTS = `
system:node${NODE}
system:node-problem-detector
  get     core                       nodes
  patch   core                       nodes/status
  events

system:kubelet-api-admin
  read    core                       nodes
  proxy   core                       nodes
  *       core                       nodes/proxy,nodes/metrics,nodes/stats,nodes/log

system:node-bootstrapper
  create,get,list,watch  certificates.k8s.io  certificatesigningrequests

system:auth-delegator
  create  authentication.k8s.io      tokenreviews
  create  authorization.k8s.io       subjectaccessreviews

system:kube-aggregator
  read    core                       services,endpoints

system:kube-controller-manager
  events
  create  coordination.k8s.io        leases
  get,update  coordination.k8s.io    leases  kube-controller-manager
  create  core                       secrets,serviceaccounts
  delete  core                       secrets
  get     core                       namespaces,secrets,serviceaccounts,configmaps
  update  core                       secrets,serviceaccounts
  create  authentication.k8s.io      tokenreviews
  create  authorization.k8s.io       subjectaccessreviews
  list,watch  *                      *
  create  core                       serviceaccounts/token

system:kube-dns
  list,watch  core                   endpoints,services

system:persistent-volume-provisioner
  create,delete,get,list,watch  core  persistentvolumes
  get,list,update,watch  core        persistentvolumeclaims
  read    storage.k8s.io             storageclasses
  watch   core                       events
  events

system:volume-scheduler
  change  core                       persistentvolumes
  read    storage.k8s.io             storageclasses
  change  core                       persistentvolumeclaims

system:service-account-issuer-discovery
  get     /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/

system:node-proxier
  list,watch  core                   services,endpoints
  read    core                       nodes
  events
  list,watch  discovery.k8s.io       endpointslices

system:kube-scheduler
  events
  create  coordination.k8s.io        leases
  get,update  coordination.k8s.io    leases  kube-scheduler
  create  core                       endpoints
  get,update  core                   endpoints  kube-scheduler
  read    core                       nodes
  delete,get,list,watch  core        pods
  create  core                       bindings,pods/binding
  patch,update  core                 pods/status
  read    core                       services,replicationcontrollers
  read    apps,extensions            replicasets
  read    apps                       statefulsets
  read    policy                     poddisruptionbudgets
  read    core                       persistentvolumeclaims,persistentvolumes
  create  authentication.k8s.io      tokenreviews
  create  authorization.k8s.io       subjectaccessreviews
  read    storage.k8s.io             csinodes
  read    core                       namespaces
  read    storage.k8s.io             csidrivers
  read    storage.k8s.io             csistoragecapacities

system:certificates.k8s.io:certificatesigningrequests:nodeclient
  create  certificates.k8s.io        certificatesigningrequests/nodeclient

system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  create  certificates.k8s.io        certificatesigningrequests/selfnodeclient

system:certificates.k8s.io:legacy-unknown-approver
  approve  certificates.k8s.io       signers  kubernetes.io/legacy-unknown

system:certificates.k8s.io:kubelet-serving-approver
  approve  certificates.k8s.io       signers  kubernetes.io/kubelet-serving

system:certificates.k8s.io:kube-apiserver-client-approver
  approve  certificates.k8s.io       signers  kubernetes.io/kube-apiserver-client

system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  approve  certificates.k8s.io       signers  kubernetes.io/kube-apiserver-client-kubelet
`;

export const defaultRoles = (): ClusterRole[] => [
  gatheringRole("admin"),
  gatheringRole("edit", "admin"),
  gatheringRole("view", "edit"),
  ...[FOR_PEOPLE, FOR_EVERYBODY, FOR_COMPONENTS].flatMap(clusterRolesOf),
];

export const nodeRules = (): PolicyRule[] =>
  NODE.split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ruleOf(line.trim()));

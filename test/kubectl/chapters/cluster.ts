/** The cluster as a whole: its nodes, who may do what in it, what it can be asked. */
import type { Chapter } from "../row.ts";

export const nodes: Chapter = {
  name: "nodes",
  title: { en: "cordon, drain, taint and top", zh: "节点（cordon、drain、taint、top）" },
  transcript: String.raw`
$ kubectl get nodes
NAME    STATUS   ROLES    AGE   VERSION
node1   Ready    <none>   {age}    v1.30.0
node2   Ready    <none>   {age}    v1.30.0
$ kubectl cordon node2
node/node2 cordoned
$ kubectl cordon node2
node/node2 already cordoned
$ kubectl cordon nonesuch # fails
Error from server (NotFound): nodes "nonesuch" not found
$ kubectl uncordon node2
node/node2 uncordoned
$ kubectl taint node node2 team=a:NoSchedule
node/node2 tainted
$ kubectl taint node node2 team=b:NoSchedule # fails
error: node node2 already has team taint(s) with same effect(s) and --overwrite is false
$ kubectl taint node node2 team=b:NoSchedule --overwrite
node/node2 modified
$ kubectl taint node node2 team=b:Never # fails
error: invalid taint effect: Never, unsupported taint effect
See 'kubectl taint -h' for help and examples
$ kubectl get node node2 -o jsonpath='{.spec.taints}{"\n"}'
[{"effect":"NoSchedule","key":"team","value":"b"}]
$ kubectl taint node node2 team-
node/node2 untainted
$ kubectl taint node node2 team- # fails
error: taint "team" not found
$ kubectl label node node2 disk=ssd
node/node2 labeled
$ kubectl cordon node1
node/node1 cordoned
$ kubectl create deployment web --image=nginx
deployment.apps/web created
$ kubectl rollout status deployment/web --timeout=180s
...
deployment "web" successfully rolled out
$ kubectl run alone --image=nginx --overrides='{"spec":{"nodeName":"node2"}}'
pod/alone created
$ kubectl wait --for=condition=Ready pod/alone --timeout=180s
pod/alone condition met
$ kubectl uncordon node1
node/node1 uncordoned
$ kubectl drain node2 # fails, until 1.20
node/node2 cordoned
error: unable to drain node "node2", aborting command...

There are pending nodes to be drained:
 node2
error: cannot delete Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet (use --force to override): nodes/alone
$ kubectl drain node2 # fails, since 1.33
node/node2 cordoned
error: unable to drain node "node2" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): nodes/alone, continuing command...
There are pending nodes to be drained:
 node2
cannot delete cannot delete Pods that declare no controller (use --force to override): nodes/alone
$ kubectl drain node2 --dry-run=client --force | sort # until 1.20
WARNING: deleting Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet: nodes/alone
evicting pod nodes/alone (dry run)
evicting pod nodes/web-{id}-{id} (dry run)
node/node2 already cordoned (dry run)
node/node2 drained (dry run)
$ kubectl drain node2 --dry-run=client --force | sort # since 1.33
Warning: deleting Pods that declare no controller: nodes/alone
evicting pod nodes/alone (dry run)
evicting pod nodes/web-{id}-{id} (dry run)
node/node2 already cordoned (dry run)
node/node2 drained (dry run)
$ kubectl drain node2 --force --ignore-daemonsets --grace-period=0 | sort # until 1.20
WARNING: deleting Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet: nodes/alone
evicting pod nodes/alone
evicting pod nodes/web-{id}-{id}
node/node2 already cordoned
node/node2 evicted
pod/alone evicted
pod/web-{id}-{id} evicted
$ kubectl drain node2 --force --ignore-daemonsets --grace-period=0 | sort # since 1.33
Warning: deleting Pods that declare no controller: nodes/alone
evicting pod nodes/alone
evicting pod nodes/web-{id}-{id}
node/node2 already cordoned
node/node2 drained
pod/alone evicted
pod/web-{id}-{id} evicted
$ kubectl get nodes
NAME    STATUS                     ROLES    AGE     VERSION
node1   Ready                      <none>   {age}   v1.30.0
node2   Ready,SchedulingDisabled   <none>   {age}   v1.30.0
$ kubectl uncordon node2
node/node2 uncordoned
$ kubectl top nodes # soon, until 1.32
NAME    CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%
node1   {age}          {number}%     {number}Mi            {number}%
node2   {age}           {number}%     {number}Mi             {number}%
$ kubectl top node node1 --no-headers # soon
node1   {age}    {number}%    {number}Mi   {number}%
$ kubectl top pods --containers # soon
POD                    NAME    CPU(cores)   MEMORY(bytes)
web-{id}-{id}   nginx   {age}           {number}Mi
$ kubectl top pod nonesuch # fails
Error from server (NotFound): pods "nonesuch" not found
`,
};

export const access: Chapter = {
  name: "access",
  title: { en: "auth and certificate", zh: "权限与证书（auth、certificate）" },
  files: {
    "roles.yaml": `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: access}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: access}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
`,
  },
  transcript: String.raw`
$ kubectl auth can-i create pods
yes
$ kubectl auth can-i list pods --as=jane # fails
no
$ kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
	reconciliation required create
	missing rules added:
		{Verbs:[get list] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}
rolebinding.rbac.authorization.k8s.io/readers reconciled
	reconciliation required create
	missing subjects added:
		{Kind:User APIGroup:rbac.authorization.k8s.io Name:jane Namespace:}
$ kubectl auth reconcile -f roles.yaml
role.rbac.authorization.k8s.io/reader reconciled
rolebinding.rbac.authorization.k8s.io/readers reconciled
$ kubectl auth can-i list pods --as=jane
yes
$ kubectl auth can-i delete pods/web --as=jane # fails
no
$ kubectl auth can-i get /metrics --as=jane # fails
no
$ kubectl auth can-i get nonesuch # until 1.20
Warning: the server doesn't have a resource type 'nonesuch'
yes
$ kubectl auth can-i get nonesuch # since 1.33
Warning: the server doesn't have a resource type 'nonesuch'

yes
$ kubectl auth can-i --list --as=jane | grep -v '\[/'
Resources                                       Non-Resource URLs   Resource Names   Verbs
selfsubjectreviews.authentication.k8s.io        []                  []               [create]
selfsubjectaccessreviews.authorization.k8s.io   []                  []               [create]
selfsubjectrulesreviews.authorization.k8s.io    []                  []               [create]
pods                                            []                  []               [get list]
$ kubectl auth whoami # since 1.28
ATTRIBUTE   VALUE
Username    kubernetes-admin
Groups      [system:masters system:authenticated]
$ kubectl auth whoami --as=jane --as-group=dev # since 1.28
ATTRIBUTE   VALUE
Username    jane
Groups      [dev system:authenticated]
$ kubectl get pods --as=jane
No resources found in access namespace.
$ kubectl get secrets --as=jane # fails
Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "access"
$ kubectl delete pod web --as=jane # fails
Error from server (Forbidden): pods "web" is forbidden: User "jane" cannot delete resource "pods" in API group "" in the namespace "access"
$ openssl req -new -newkey rsa:2048 -nodes -subj /O=dev/CN=jane -keyout jane.key -out jane.csr 2>/dev/null
$ printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"jane"},"spec":{"request":"%s","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}' $(base64 -w0 jane.csr) | tee csr.json | kubectl create -f -
certificatesigningrequest.certificates.k8s.io/jane created
$ sed 's/"jane"/"joe"/' csr.json | kubectl create -f -
certificatesigningrequest.certificates.k8s.io/joe created
$ kubectl certificate approve jane
certificatesigningrequest.certificates.k8s.io/jane approved
$ kubectl certificate deny joe
certificatesigningrequest.certificates.k8s.io/joe denied
$ kubectl certificate approve joe # fails
error: certificate signing request "joe" is already Denied
$ kubectl get csr -o custom-columns=NAME:.metadata.name,CONDITION:.status.conditions[*].type
NAME   CONDITION
jane   Approved
joe    Denied
$ kubectl get csr jane -o jsonpath='{.status.certificate}' | base64 -d | openssl x509 -noout -subject # soon
subject=O = dev, CN = jane
$ kubectl delete csr jane joe
certificatesigningrequest.certificates.k8s.io "jane" deleted
certificatesigningrequest.certificates.k8s.io "joe" deleted
`,
};

export const discovery: Chapter = {
  name: "asking",
  title: {
    en: "explain, api-resources, api-versions, cluster-info, version, config and the rest",
    zh: "询问集群（explain、api-resources、api-versions、cluster-info、version、config 等）",
  },
  transcript: String.raw`
$ kubectl explain pod.spec.restartPolicy # until 1.26
KIND:     Pod
VERSION:  v1

FIELD:    restartPolicy <string>

DESCRIPTION:
     Restart policy for all containers within the pod. One of Always, OnFailure,
     Never. In some contexts, only a subset of those values may be permitted.
     Default to Always. More info:
     https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
$ kubectl explain service --recursive | head -20 # until 1.26
KIND:     Service
VERSION:  v1

DESCRIPTION:
     Service is a named abstraction of software service (for example, mysql)
     consisting of local port (for example 3306) that the proxy listens on, and
     the selector that determines which pods will answer requests sent through
     the proxy.

FIELDS:
   apiVersion  <string>
   kind  <string>
   metadata  <Object>
      annotations  <map[string]string>
      creationTimestamp  <string>
      deletionGracePeriodSeconds  <integer>
      deletionTimestamp  <string>
      finalizers  <[]string>
      generateName  <string>
      generation  <integer>
$ kubectl explain service --recursive | head -20 # since 1.27
KIND:       Service
VERSION:    v1

DESCRIPTION:
    Service is a named abstraction of software service (for example, mysql)
    consisting of local port (for example 3306) that the proxy listens on, and
    the selector that determines which pods will answer requests sent through
    the proxy.

FIELDS:
  apiVersion  <string>
  kind  <string>
  metadata  <ObjectMeta>
    annotations  <map[string]string>
    creationTimestamp  <string>
    deletionGracePeriodSeconds  <integer>
    deletionTimestamp  <string>
    finalizers  <[]string>
    generateName  <string>
    generation  <integer>
$ kubectl explain deployment.spec.strategy.rollingUpdate | head -12 # until 1.26
KIND:     Deployment
VERSION:  apps/v1

RESOURCE: rollingUpdate <Object>

DESCRIPTION:
     Rolling update config params. Present only if DeploymentStrategyType =
     RollingUpdate.

     Spec to control the desired behavior of rolling update.

FIELDS:
$ kubectl explain hpa --api-version=autoscaling/v1 | head -3 # until 1.26
KIND:     HorizontalPodAutoscaler
VERSION:  autoscaling/v1
$ kubectl explain hpa --api-version=autoscaling/v1 | head -3 # since 1.27
GROUP:      autoscaling
KIND:       HorizontalPodAutoscaler
VERSION:    v1
$ kubectl explain pod.nonesuch # fails, until 1.20
error: field "nonesuch" does not exist
$ kubectl explain pod.nonesuch # fails, since 1.33
KIND:       Pod
VERSION:    v1

error: field "nonesuch" does not exist
$ kubectl explain nonesuch # fails
the server doesn't have a resource type "nonesuch"
$ kubectl api-versions
admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1
apiextensions.k8s.io/v1
apiregistration.k8s.io/v1
apiregistration.k8s.io/v1beta1
apps/v1
authentication.k8s.io/v1
authorization.k8s.io/v1
authorization.k8s.io/v1beta1
autoscaling/v1
autoscaling/v2
batch/v1
batch/v1beta1
certificates.k8s.io/v1
coordination.k8s.io/v1
discovery.k8s.io/v1
events.k8s.io/v1
events.k8s.io/v1beta1
flowcontrol.apiserver.k8s.io/v1
metrics.k8s.io/v1beta1
networking.k8s.io/v1
node.k8s.io/v1
node.k8s.io/v1beta1
policy/v1
policy/v1beta1
rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1
scheduling.k8s.io/v1
storage.k8s.io/v1
storage.k8s.io/v1beta1
v1
$ kubectl api-resources --namespaced=false --api-group='' 
NAME                SHORTNAMES   APIVERSION   NAMESPACED   KIND
componentstatuses   cs           v1           false        ComponentStatus
namespaces          ns           v1           false        Namespace
nodes               no           v1           false        Node
persistentvolumes   pv           v1           false        PersistentVolume
$ kubectl api-resources --api-group=apps -o wide # until 1.25
NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND                 VERBS
controllerrevisions                apps/v1      true         ControllerRevision   [create delete deletecollection get list patch update watch]
daemonsets            ds           apps/v1      true         DaemonSet            [create delete deletecollection get list patch update watch]
deployments           deploy       apps/v1      true         Deployment           [create delete deletecollection get list patch update watch]
replicasets           rs           apps/v1      true         ReplicaSet           [create delete deletecollection get list patch update watch]
statefulsets          sts          apps/v1      true         StatefulSet          [create delete deletecollection get list patch update watch]
$ kubectl api-resources --api-group=apps -o wide # since 1.26
NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND                 VERBS                                                        CATEGORIES
controllerrevisions                apps/v1      true         ControllerRevision   create,delete,deletecollection,get,list,patch,update,watch
daemonsets            ds           apps/v1      true         DaemonSet            create,delete,deletecollection,get,list,patch,update,watch   all
deployments           deploy       apps/v1      true         Deployment           create,delete,deletecollection,get,list,patch,update,watch   all
replicasets           rs           apps/v1      true         ReplicaSet           create,delete,deletecollection,get,list,patch,update,watch   all
statefulsets          sts          apps/v1      true         StatefulSet          create,delete,deletecollection,get,list,patch,update,watch   all
$ kubectl api-resources --verbs=list,create --api-group=rbac.authorization.k8s.io -o name
clusterrolebindings.rbac.authorization.k8s.io
clusterroles.rbac.authorization.k8s.io
rolebindings.rbac.authorization.k8s.io
roles.rbac.authorization.k8s.io
$ kubectl api-resources --verbs=nonesuch -o name
$ kubectl cluster-info | sed 's/\x1b\[[0-9;]*m//g'
Kubernetes control plane is running at https://127.0.0.1:{port}

To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.
$ kubectl cluster-info dump --namespaces=asking --output-directory=dump && find dump -type f | sort
Cluster info dumped to dump
dump/asking/daemonsets.json
dump/asking/deployments.json
dump/asking/events.json
dump/asking/pods.json
dump/asking/replicasets.json
dump/asking/replication-controllers.json
dump/asking/services.json
dump/nodes.json
$ kubectl version --short # until 1.27
Client Version: v1.20.2
Server Version: v1.30.0+kubeling
$ kubectl version # since 1.28
Client Version: v1.33.1
Kustomize Version: v5.6.0
Server Version: v1.30.0+kubeling
WARNING: version difference between client (1.33) and server (1.30) exceeds the supported minor version skew of +/-1
$ kubectl config current-context
kubeling
$ kubectl config get-contexts
CURRENT   NAME       CLUSTER    AUTHINFO   NAMESPACE
*         kubeling   kubeling   kubeling   asking
$ kubectl config get-clusters
NAME
kubeling
$ kubectl config view | head -6
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: DATA+OMITTED
    server: https://127.0.0.1:{port}
  name: kubeling
$ kubectl config view --minify -o jsonpath='{.contexts[0].context.namespace}{"\n"}'
asking
$ kubectl config set-context other --cluster=kubeling --user=kubeling --namespace=default
Context "other" created.
$ kubectl --context=other config view --minify -o jsonpath='{..namespace}{"\n"}'
default
$ kubectl config rename-context other another
Context "other" renamed to "another".
$ kubectl config delete-context another | sed 's/ from .*//'
deleted context another
$ kubectl config use-context nonesuch # fails
error: no context exists with the name: "nonesuch"
$ PATH=$HOME/bin kubectl plugin list # fails
error: unable to find any kubectl plugins in your PATH
$ printf '#!/bin/sh\necho plugged in\n' > ~/bin/kubectl-hello && chmod +x ~/bin/kubectl-hello && kubectl hello
plugged in
$ PATH=$HOME/bin kubectl plugin list | sed 's/[^ ]*bin.//'
The following compatible plugins are available:

kubectl-hello
$ kubectl completion bash | bash -n && echo is a script
is a script
$ kubectl options | head -1
The following options can be passed to any command:
$ kubectl alpha # until 1.26
These commands correspond to alpha features that are not enabled in Kubernetes clusters by default.

Use "kubectl <command> --help" for more information about a given command.
$ kubectl alpha # since 1.27
No alpha commands are available in this version of kubectl
$ kubectl nonesuch # fails, until 1.20
Error: unknown command "nonesuch" for "kubectl"
Run 'kubectl --help' for usage.
$ kubectl nonesuch # fails, since 1.33
error: unknown command "nonesuch" for "kubectl"
$ kubectl help nonesuch 2>&1 | head -1
Unknown help topic [{tick}nonesuch{tick}]
`,
};

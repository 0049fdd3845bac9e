/** What kubectl makes out of its arguments, and the ways to delete it. */
import type { Chapter } from "../row.ts";

export const create: Chapter = {
  name: "creating",
  title: { en: "create and delete", zh: "创建与删除（create、delete）" },
  files: {
    "settings.env": "COLOR=blue\nSIZE=3\n",
    "web.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: from-file}
data: {color: red}
`,
    "more/one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n",
    "more/two.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n",
    "wrong.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wrong}\ndate: {color: red}\n",
  },
  transcript: String.raw`
$ kubectl create -f web.yaml
configmap/from-file created
$ kubectl create -f web.yaml # fails
Error from server (AlreadyExists): error when creating "web.yaml": configmaps "from-file" already exists
$ kubectl create -f more
configmap/one created
configmap/two created
$ kubectl create -f wrong.yaml # fails, until 1.24
error: error validating "wrong.yaml": error validating data: ValidationError(ConfigMap): unknown field "date" in io.k8s.api.core.v1.ConfigMap; if you choose to ignore these errors, turn validation off with --validate=false
$ kubectl create -f wrong.yaml # fails, since 1.25
Error from server (BadRequest): error when creating "wrong.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "date"
$ cat web.yaml | kubectl create --dry-run=server -o name -f -
configmap/from-file
$ kubectl create configmap settings --from-literal=color=red --from-file=settings.env
configmap/settings created
$ kubectl create configmap env --from-env-file=settings.env
configmap/env created
$ kubectl get configmap env -o jsonpath='{.data}{"\n"}'
{"COLOR":"blue","SIZE":"3"}
$ kubectl create configmap drawn --from-literal=a=b --dry-run=client -o yaml
apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  creationTimestamp: null
  name: drawn
$ kubectl create secret generic login --from-literal=user=admin --from-literal=password=s3cret
secret/login created
$ kubectl get secret login -o go-template='{{.data.password | base64decode}}{{"\n"}}'
s3cret
$ openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=web -keyout tls.key -out tls.crt 2>/dev/null
$ kubectl create secret tls web --cert=tls.crt --key=tls.key
secret/web created
$ kubectl create secret docker-registry pull --docker-server=k8s-master:5000 --docker-username=me --docker-password=secret
secret/pull created
$ kubectl get secrets --field-selector=type!=kubernetes.io/service-account-token
NAME    TYPE                             DATA   AGE
login   Opaque                           2      {age}
pull    kubernetes.io/dockerconfigjson   1      {age}
web     kubernetes.io/tls                2      {age}
$ kubectl create configmap saved --save-config --from-literal=a=b
configmap/saved created
$ kubectl create serviceaccount robot
serviceaccount/robot created
$ kubectl create token robot --duration=10m # since 1.24
{token}
$ kubectl create namespace creating-too
namespace/creating-too created
$ kubectl create namespace Wrong_Name # fails
The Namespace "Wrong_Name" is invalid: metadata.name: Invalid value: "Wrong_Name": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
$ kubectl create quota few --hard=pods=5,services=9 --scopes=NotTerminating # fails
error: failed to create quota: ResourceQuota "few" is invalid: spec.scopes: Invalid value: []core.ResourceQuotaScope{"NotTerminating"}: unsupported scope applied to resource
$ kubectl create quota few --hard=pods=5,configmaps=100
resourcequota/few created
$ kubectl describe quota few # soon
Name:       few
Namespace:  creating
Resource    Used  Hard
--------    ----  ----
configmaps  7     100
pods        0     5
$ kubectl create service clusterip web --tcp=80:8080
service/web created
$ kubectl create service clusterip none --clusterip=None
service/none created
$ kubectl create service nodeport door --tcp=80 --node-port=30080
service/door created
$ kubectl create service loadbalancer balanced --tcp=80
service/balanced created
$ kubectl create service externalname elsewhere --external-name=example.com
service/elsewhere created
$ kubectl get services
NAME        TYPE           CLUSTER-IP       EXTERNAL-IP   PORT(S)        AGE
balanced    LoadBalancer   {ip}   <pending>     80:{port}/TCP   {age}
door        NodePort       {ip}   <none>        80:30080/TCP   {age}
elsewhere   ExternalName   <none>           example.com   <none>         {age}
none        ClusterIP      None             <none>        <none>         {age}
web         ClusterIP      {ip}    <none>        80/TCP         {age}
$ kubectl create role reader --verb=get,list --resource=pods,deployments.apps
role.rbac.authorization.k8s.io/reader created
$ kubectl create role reader2 --verb=get --resource=nonesuch # fails
the server doesn't have a resource type "nonesuch"
$ kubectl create rolebinding readers --role=reader --user=jane --serviceaccount=creating:robot
rolebinding.rbac.authorization.k8s.io/readers created
$ kubectl create clusterrole creating-nodes --verb=get --resource=nodes --resource-name=node1
clusterrole.rbac.authorization.k8s.io/creating-nodes created
$ kubectl create clusterrolebinding creating-nodes --clusterrole=creating-nodes --group=dev
clusterrolebinding.rbac.authorization.k8s.io/creating-nodes created
$ kubectl describe role reader
Name:         reader
Labels:       <none>
Annotations:  <none>
PolicyRule:
  Resources         Non-Resource URLs  Resource Names  Verbs
  ---------         -----------------  --------------  -----
  pods              []                 []              [get list]
  deployments.apps  []                 []              [get list]
$ kubectl create priorityclass creating-high --value=1000 --description=first
priorityclass.scheduling.k8s.io/creating-high created
$ kubectl get priorityclass creating-high
NAME            VALUE   GLOBAL-DEFAULT   AGE
creating-high   1000    false            {age}
$ kubectl create poddisruptionbudget web --min-available=1 --selector=app=web
poddisruptionbudget.policy/web created
$ kubectl create deployment web --image=nginx:1.24 --replicas=2 --port=80
deployment.apps/web created
$ kubectl create deployment web --image=nginx:1.24 # fails
error: failed to create deployment: deployments.apps "web" already exists
$ kubectl create deployment two --image=nginx --image=redis --dry-run=client -o jsonpath='{.spec.template.spec.containers[*].name}{"\n"}'
nginx redis
$ kubectl create deployment shell --image=busybox -- sleep 3600
deployment.apps/shell created
$ kubectl get deployments -o wide # soon
NAME    READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES       SELECTOR
shell   1/1     1            1           {age}    busybox      busybox      app=shell
web     2/2     2            2           {age}    nginx        nginx:1.24   app=web
$ kubectl delete deployment shell --cascade=orphan
deployment.apps "shell" deleted
$ kubectl get pods -l app=shell # soon
NAME                     READY   STATUS    RESTARTS   AGE
shell-{id}-{id}   1/1     Running   0          {age}
$ kubectl delete pod -l app=shell --now
pod "shell-{id}-{id}" deleted
$ kubectl delete deployment web --cascade=foreground
deployment.apps "web" deleted
$ kubectl delete configmap one two
configmap "one" deleted
configmap "two" deleted
$ kubectl delete -f web.yaml
configmap "from-file" deleted
$ kubectl delete -f web.yaml # fails
Error from server (NotFound): error when deleting "web.yaml": configmaps "from-file" not found
$ kubectl delete -f web.yaml --ignore-not-found
$ kubectl delete configmap settings --dry-run=server
configmap "settings" deleted (server dry run)
$ kubectl delete service --all --wait=false # since 1.25
service "balanced" deleted
service "door" deleted
service "elsewhere" deleted
service "none" deleted
service "web" deleted
$ kubectl delete service --all --wait=false # until 1.24
service "balanced" deleted
service "door" deleted
service "elsewhere" deleted
service "none" deleted
service "web" deleted
$ kubectl run stuck --image=nginx --restart=Never
pod/stuck created
$ kubectl delete pod stuck --grace-period=0 --force # since 1.25
Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
pod "stuck" force deleted
$ kubectl delete pod stuck --grace-period=0 --force # until 1.24
warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
pod "stuck" force deleted
$ kubectl delete clusterrole,clusterrolebinding creating-nodes
clusterrole.rbac.authorization.k8s.io "creating-nodes" deleted
clusterrolebinding.rbac.authorization.k8s.io "creating-nodes" deleted
$ kubectl delete namespace creating-too
namespace "creating-too" deleted
`,
};

/** What there is, in every form kubectl can print it. */
import type { Chapter } from "../row.ts";

export const get: Chapter = {
  name: "reading",
  title: { en: "get, describe, wait and events", zh: "查看（get、describe、wait、events）" },
  files: {
    "pods.yaml": `
apiVersion: v1
kind: Pod
metadata: {name: front, labels: {app: shop, tier: front}}
spec:
  nodeName: node1
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "nginx:1.24"}]
---
apiVersion: v1
kind: Pod
metadata: {name: back, labels: {app: shop, tier: back}}
spec:
  nodeName: node2
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: redis}, {name: side, image: busybox, command: [sleep, "3600"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: once, labels: {app: job}}
spec:
  nodeName: node2
  restartPolicy: Never
  containers: [{name: main, image: busybox, command: [echo, done]}]
`,
    "columns.txt": "NAME           NODE\nmetadata.name  spec.nodeName\n",
    "names.tmpl": '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}',
  },
  transcript: String.raw`
$ kubectl get pods
No resources found in reading namespace.
$ kubectl apply -f pods.yaml
pod/front created
pod/back created
pod/once created
$ kubectl wait --for=condition=Ready pod/front pod/back --timeout=180s
pod/front condition met
pod/back condition met
$ kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/once --timeout=180s # since 1.23
pod/once condition met
$ kubectl get pods # soon
NAME    READY   STATUS      RESTARTS   AGE
back    2/2     Running     0          {age}
front   1/1     Running     0          {age}
once    0/1     Completed   0          {age}
$ kubectl get pods -o wide
NAME    READY   STATUS      RESTARTS   AGE   IP           NODE    NOMINATED NODE   READINESS GATES
back    2/2     Running     0          {age}    {ip}   node2   <none>           <none>
front   1/1     Running     0          {age}    {ip}   node1   <none>           <none>
once    0/1     Completed   0          {age}    {ip}   node2   <none>           <none>
$ kubectl get pods --no-headers -o custom-columns=NAME:.metadata.name
back
front
once
$ kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGES:.spec.containers[*].image,NONE:.spec.nonesuch
NAME    IMAGES          NONE
back    redis,busybox   <none>
front   nginx:1.24      <none>
once    busybox         <none>
$ kubectl get pods -o custom-columns-file=columns.txt
NAME    NODE
back    node2
front   node1
once    node2
$ kubectl get pods -o name
pod/back
pod/front
pod/once
$ kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{.spec.nodeName}{"\n"}{end}'
back  node2
front  node1
once  node2
$ kubectl get pods -o jsonpath='{.items[?(@.metadata.name=="back")].spec.containers[1].name}{"\n"}'
side
$ kubectl get pod front -o jsonpath-as-json='{.metadata.labels}'
[
    {
        "app": "shop",
        "tier": "front"
    }
]
$ kubectl get pods -o go-template='{{range .items}}{{.metadata.name}} {{len .spec.containers}}{{"\n"}}{{end}}'
back 2
front 1
once 1
$ kubectl get pods -o go-template-file=names.tmpl
back
front
once
$ kubectl get pod front -o template --template={{.metadata.name}}{{.nonesuch}}
front<no value>
$ kubectl get pods --sort-by=.spec.nodeName -o name
pod/front
pod/back
pod/once
$ kubectl get pods --sort-by=.metadata.creationTimestamp -o name --chunk-size=1 | sort
pod/back
pod/front
pod/once
$ kubectl get pods --chunk-size=1 -o name
pod/back
pod/front
pod/once
$ kubectl get pods -L app,tier
NAME    READY   STATUS      RESTARTS   AGE   APP    TIER
back    2/2     Running     0          {age}   shop   back
front   1/1     Running     0          {age}   shop   front
once    0/1     Completed   0          {age}   job
$ kubectl get pods --show-labels
NAME    READY   STATUS      RESTARTS   AGE   LABELS
back    2/2     Running     0          {age}   app=shop,tier=back
front   1/1     Running     0          {age}   app=shop,tier=front
once    0/1     Completed   0          {age}   app=job
$ kubectl get pods --show-kind
NAME        READY   STATUS      RESTARTS   AGE
pod/back    2/2     Running     0          {age}
pod/front   1/1     Running     0          {age}
pod/once    0/1     Completed   0          {age}
$ kubectl get pods -l 'app=shop,tier notin (back)' -o name
pod/front
$ kubectl get pods -l '!tier' -o name
pod/once
$ kubectl get pods -l 'app in (' # fails
Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app in (", field selector "": unable to parse requirement: found '', expected: ',', ')' or identifier
$ kubectl get pods --field-selector=spec.nodeName=node2,status.phase=Running -o name
pod/back
$ kubectl get pods --field-selector=spec.color=red # fails
Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.color=red": field label not supported: spec.color
$ kubectl get pods,configmaps -o name
pod/back
pod/front
pod/once
configmap/kube-root-ca.crt
$ kubectl get pod/front configmap/kube-root-ca.crt
NAME        READY   STATUS    RESTARTS   AGE
pod/front   1/1     Running   0          {age}

NAME                         DATA   AGE
configmap/kube-root-ca.crt   1      {age}
$ kubectl get pods front nonesuch # fails
NAME    READY   STATUS    RESTARTS   AGE
front   1/1     Running   0          {age}
Error from server (NotFound): pods "nonesuch" not found
$ kubectl get pods front --ignore-not-found -o name
pod/front
$ kubectl get nonesuch # fails
error: the server doesn't have a resource type "nonesuch"
$ kubectl get pods --all-namespaces --field-selector=metadata.namespace=reading -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name
NS        NAME
reading   back
reading   front
reading   once
$ kubectl get all -o name
pod/back
pod/front
pod/once
$ kubectl get --raw /healthz && echo
ok
$ kubectl get --raw /api/v1/namespaces/reading/nonesuch # fails
Error from server (NotFound): the server could not find the requested resource
$ kubectl get -f pods.yaml -o name
pod/front
pod/back
pod/once
$ kubectl get pod front -o yaml --show-managed-fields=false | head -8 # since 1.21
apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{},"labels":{"app":"shop","tier":"front"},"name":"front","namespace":"reading"},"spec":{"containers":[{"image":"nginx:1.24","name":"main"}],"nodeName":"node1","terminationGracePeriodSeconds":0}}
  creationTimestamp: "{time}"
  labels:
$ kubectl get pods --subresource=status front # since 1.24, until 1.32
$ kubectl get pods --subresource=status front # since 1.33
NAME    READY   STATUS    RESTARTS   AGE
front   1/1     Running   0          {age}
$ kubectl get pod front --watch # meanwhile
NAME   READY   STATUS    RESTARTS   AGE
front   1/1   Running   0   {age}
front   1/1   Running   0   {age}
$ kubectl label pod front seen=yes
pod/front labeled
$ kubectl get configmaps --watch-only -o name # meanwhile
configmap/new{number}
$ kubectl create configmap new$RANDOM -o name # soon
configmap/new{number}
$ kubectl get pods front --output-watch-events --watch # meanwhile
EVENT      NAME    READY   STATUS    RESTARTS   AGE
ADDED      front   1/1     Running   0          {age}
MODIFIED   front   1/1     Running   0          {age}
$ kubectl label pod front seen- # until 1.20
pod/front labeled
$ kubectl label pod front seen- # since 1.27
pod/front unlabeled
$ kubectl describe pod front | sed -n '/^Labels/,/^IP:/p;/Image:/p' # since 1.27
Labels:           app=shop
                  tier=front
Annotations:      <none>
Status:           Running
IP:               {ip}
    Image:          nginx:1.24
$ kubectl describe pods -l nonesuch
No resources found in reading namespace.
$ kubectl describe pod nonesuch # fails
Error from server (NotFound): pods "nonesuch" not found
$ kubectl describe configmap kube-root-ca.crt | head -3
Name:         kube-root-ca.crt
Namespace:    reading
Labels:       <none>
$ kubectl get events --field-selector=involvedObject.name=front,reason=Started # soon
LAST SEEN   TYPE     REASON    OBJECT      MESSAGE
{age}         Normal   Started   pod/front   Started container main
$ kubectl events --for=pod/front --types=Normal # since 1.26, soon
LAST SEEN   TYPE     REASON    OBJECT      MESSAGE
{age}         Normal   Pulled    Pod/front   Container image "nginx:1.24" already present on machine
{age}         Normal   Created   Pod/front   Created container main
{age}         Normal   Started   Pod/front   Started container main
$ kubectl events --for=pod/front --types=Warning # since 1.26
No events found in reading namespace.
$ kubectl wait --for=condition=Ready pod/once --timeout=1s # fails, since 1.27
error: timed out waiting for the condition on pods/once
$ kubectl wait --for=condition=Nonesuch pod/nonesuch # fails
Error from server (NotFound): pods "nonesuch" not found
$ kubectl delete pods --all --wait=false
pod "back" deleted
pod "front" deleted
pod "once" deleted
$ kubectl wait --for=delete pod/front pod/back pod/once --timeout=180s # since 1.24
`,
};

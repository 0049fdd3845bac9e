/** Commands that change one thing of an object: labels, replicas, images, a service in front of it. */
import type { Chapter } from "../row.ts";

export const change: Chapter = {
  name: "setting",
  title: {
    en: "label, annotate, set, scale, expose, autoscale and rollout",
    zh: "调整（label、annotate、set、scale、expose、autoscale、rollout）",
  },
  transcript: String.raw`
$ kubectl create deployment web --image=nginx:1.24 --port=80
deployment.apps/web created
$ kubectl label deployment web tier=front owner=me
deployment.apps/web labeled
$ kubectl label deployment web tier=back # fails
error: 'tier' already has a value (front), and --overwrite is false
$ kubectl label deployment web tier=back --overwrite
deployment.apps/web labeled
$ kubectl label deployment web tier=back # fails, until 1.20
error: 'tier' already has a value (back), and --overwrite is false
$ kubectl label deployment web tier=back # since 1.27
deployment.apps/web not labeled
$ kubectl label deployment web owner- # until 1.20
deployment.apps/web labeled
$ kubectl label deployment web owner- # since 1.33
deployment.apps/web unlabeled
$ kubectl label deployment web owner- # until 1.22
label "owner" not found.
deployment.apps/web not labeled
$ kubectl label deployment web owner- # since 1.23
label "owner" not found.
deployment.apps/web not labeled
$ kubectl label deployment web 'a b=c' # fails
The Deployment "web" is invalid: metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
$ kubectl label deployment --all seen=yes
deployment.apps/web labeled
$ kubectl label deployment web --list | sort
app=web
seen=yes
tier=back
$ kubectl label deployment web tier=x --overwrite --resource-version=1 # fails
Error from server (Conflict): Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again
$ kubectl annotate deployment web note='by hand'
deployment.apps/web annotated
$ kubectl annotate deployment web note=other # fails
error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (by hand)
$ kubectl annotate deployment web note=other --overwrite
deployment.apps/web annotated
$ kubectl annotate deployment web note-
deployment.apps/web annotated
$ kubectl set image deployment/web nginx=nginx:1.25
deployment.apps/web image updated
$ kubectl set image deployment/web nonesuch=nginx:1.25 # fails
error: unable to find container named "nonesuch"
$ kubectl set image deployment/web '*=nginx:1.26'
deployment.apps/web image updated
$ kubectl set env deployment/web COLOR=blue SIZE=3
deployment.apps/web env updated
$ kubectl set env deployment/web --list
# Deployment web, container nginx
COLOR=blue
SIZE=3
$ kubectl set env deployment/web SIZE-
deployment.apps/web env updated
$ kubectl create configmap settings --from-literal=color=red
configmap/settings created
$ kubectl set env deployment/web --from=configmap/settings --prefix=MY_ # until 1.20
deployment.apps/web env updated
$ kubectl set env deployment/web --from=configmap/settings --prefix=MY_ # since 1.33
Warning: key color transferred to COLOR
deployment.apps/web env updated
$ kubectl set env deployment/web --list --resolve
# Deployment web, container nginx
COLOR=blue
MY_COLOR=red
$ kubectl set resources deployment web --limits=cpu=200m,memory=64Mi --requests=cpu=100m
deployment.apps/web resource requirements updated
$ kubectl set resources deployment web --limits=cpu=50m --requests=cpu=100m # fails
error: failed to patch resources update to pod template Deployment.apps "web" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "100m": must be less than or equal to cpu limit of 50m
$ kubectl create serviceaccount robot
serviceaccount/robot created
$ kubectl set serviceaccount deployment web robot
deployment.apps/web serviceaccount updated
$ kubectl get deployment web -o jsonpath='{.spec.template.spec.serviceAccountName} {.spec.template.spec.containers[0].resources}{"\n"}'
robot {"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m"}}
$ kubectl rollout status deployment/web --timeout=180s
...
deployment "web" successfully rolled out
$ kubectl rollout history deployment/web | tail -3
{number}  <none>
{number}  <none>

$ kubectl annotate deployment web kubernetes.io/change-cause='the last one'
deployment.apps/web annotated
$ kubectl rollout pause deployment/web
deployment.apps/web paused
$ kubectl rollout pause deployment/web # fails
error: deployments.apps "web" is already paused
$ kubectl set image deployment/web nginx=nginx:1.27
deployment.apps/web image updated
$ kubectl rollout undo deployment/web # fails, until 1.20
error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/web' and try again
$ kubectl rollout undo deployment/web # fails, since 1.33
error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again
$ kubectl rollout resume deployment/web
deployment.apps/web resumed
$ kubectl rollout status deployment/web --timeout=180s
...
deployment "web" successfully rolled out
$ kubectl rollout undo deployment/web
deployment.apps/web rolled back
$ kubectl rollout undo deployment/web --to-revision=99 # fails
error: unable to find specified revision 99 in history
$ kubectl rollout restart deployment/web
deployment.apps/web restarted
$ kubectl rollout status deployment/web --timeout=180s
...
deployment "web" successfully rolled out
$ kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[0].image}{"\n"}'
nginx:1.26
$ kubectl rollout restart configmap settings # fails
error: configmaps "settings" restarting is not supported
$ kubectl scale deployment web --replicas=3
deployment.apps/web scaled
$ kubectl scale deployment web --current-replicas=2 --replicas=4 # fails
error: Expected replicas to be 2, was 3
$ kubectl scale deployment web --current-replicas=3 --replicas=2
deployment.apps/web scaled
$ kubectl scale deployment web --resource-version=1 --replicas=4 # fails
error: Expected resource version to be 1, was {number}
$ kubectl scale deployment web nonesuch --replicas=2 # fails
deployment.apps/web scaled
Error from server (NotFound): deployments.apps "nonesuch" not found
$ kubectl scale --replicas=2 -l tier=back deployment --timeout=180s
deployment.apps/web scaled
$ kubectl expose deployment web --port=80 --target-port=8080 --name=inside
service/inside exposed
$ kubectl expose deployment web --port=80 --type=NodePort --name=outside
service/outside exposed
$ kubectl expose deployment web --port=80 --name=inside # fails
Error from server (AlreadyExists): services "inside" already exists
$ kubectl get services
NAME      TYPE        CLUSTER-IP       EXTERNAL-IP   PORT(S)        AGE
inside    ClusterIP   {ip}   <none>        80/TCP         {age}
outside   NodePort    {ip}     <none>        80:{port}/TCP   {age}
$ kubectl set selector service inside tier=back
service/inside selector updated
$ kubectl get service inside -o jsonpath='{.spec.selector}{"\n"}'
{"tier":"back"}
$ kubectl expose service inside --port=8000 --name=again
service/again exposed
$ kubectl run alone --image=nginx --port=80 --expose
service/alone created
pod/alone created
$ kubectl get service alone -o jsonpath='{.spec.selector} {.spec.ports[0].port}{"\n"}'
{"run":"alone"} 80
$ kubectl autoscale deployment web --min=1 --max=3 --cpu-percent=80
horizontalpodautoscaler.autoscaling/web autoscaled
$ kubectl get hpa web -o jsonpath='{.spec.scaleTargetRef.name} {.spec.minReplicas}-{.spec.maxReplicas}{"\n"}'
web 1-3
$ kubectl autoscale deployment web --min=5 --max=3 # fails
error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 3, min: 5
$ kubectl create role reader --verb=get --resource=pods
role.rbac.authorization.k8s.io/reader created
$ kubectl create rolebinding readers --role=reader --user=jane
rolebinding.rbac.authorization.k8s.io/readers created
$ kubectl set subject rolebinding readers --user=joe --group=dev
rolebinding.rbac.authorization.k8s.io/readers subjects updated
$ kubectl get rolebinding readers -o wide
NAME      ROLE          AGE   USERS       GROUPS   SERVICEACCOUNTS
readers   Role/reader   {age}    jane, joe   dev
`,
};

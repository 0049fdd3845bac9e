/** What one does with pods that somebody looks after, on each kind that looks after pods: rollout, scale, autoscale, wait, drain. */
import type { Chapter } from "../row.ts";

const template = (name: string, sleep = 3600) =>
  `{metadata: {labels: {app: ${name}}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: busybox, command: [sleep, "${sleep}"]}]}}`;

export const workloads: Chapter = {
  name: "working",
  title: {
    en: "rollout, scale, autoscale, wait and drain for every kind of workload",
    zh: "各种工作负载的 rollout、scale、autoscale、wait 与 drain",
  },
  files: {
    "rc.yaml": `
apiVersion: v1
kind: ReplicationController
metadata: {name: rc}
spec:
  replicas: 2
  selector: {app: rc}
  template: ${template("rc")}
`,
    "rs.yaml": `
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: rs}
spec:
  replicas: 1
  selector: {matchLabels: {app: rs}}
  template: ${template("rs")}
`,
    "sts.yaml": `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sts}
spec:
  replicas: 2
  serviceName: sts
  selector: {matchLabels: {app: sts}}
  template: ${template("sts")}
`,
    "ds.yaml": `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds}
spec:
  selector: {matchLabels: {app: ds}}
  template: ${template("ds")}
`,
    "job.yaml": `
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template: {metadata: {labels: {app: job}}, spec: {restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: main, image: busybox, command: [sleep, "3600"]}]}}
`,
    "keep.yaml": `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: keep}
spec: {minAvailable: 2, selector: {matchLabels: {app: rc}}}
`,
  },
  transcript: String.raw`
$ kubectl cordon node1
node/node1 cordoned
$ kubectl apply -f rc.yaml -f rs.yaml -f sts.yaml -f ds.yaml -f job.yaml
replicationcontroller/rc created
replicaset.apps/rs created
statefulset.apps/sts created
daemonset.apps/ds created
job.batch/job created
$ kubectl rollout status daemonset/ds --timeout=180s
...
daemon set "ds" successfully rolled out
$ kubectl rollout status statefulset/sts --timeout=180s
...
partitioned roll out complete: 2 new pods have been updated...
$ kubectl rollout status rc/rc # fails
error: no status viewer has been implemented for ReplicationController
$ kubectl rollout status rs/rs # fails
error: no status viewer has been implemented for ReplicaSet.apps
$ kubectl rollout history rs/rs # fails
error: no history viewer has been implemented for "ReplicaSet.apps"
$ kubectl rollout pause sts/sts # fails
error: statefulsets.apps "sts" pausing is not supported
$ kubectl rollout restart rc/rc # fails
error: replicationcontrollers "rc" restarting is not supported
$ kubectl wait --for=jsonpath='{.status.readyReplicas}'=2 rc/rc --timeout=180s # since 1.23
replicationcontroller/rc condition met
$ kubectl wait --for=jsonpath='{.status.readyReplicas}'=1 rs/rs --timeout=180s # since 1.23
replicaset.apps/rs condition met
$ kubectl wait --for=jsonpath='{.status.numberReady}'=2 ds/ds --timeout=180s # since 1.23
daemonset.apps/ds condition met
$ kubectl wait --for=condition=Ready pod -l app=rc --timeout=180s
pod/rc-{id} condition met
pod/rc-{id} condition met
$ kubectl wait --for=condition=Ready pod -l app=rs --timeout=180s
pod/rs-{id} condition met
$ kubectl wait --for=condition=Ready pod -l app=job --timeout=180s
pod/job-{id} condition met
$ kubectl get rc,rs,sts,ds,job # soon
NAME   DESIRED  CURRENT  READY  AGE
replicationcontroller/rc  2  2  2  {age}

NAME   DESIRED  CURRENT  READY  AGE
replicaset.apps/rs  1  1  1  {age}

NAME   READY  AGE
statefulset.apps/sts  2/2  {age}

NAME   DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE
daemonset.apps/ds  2  2  2  2  2  <none>  {age}

NAME   STATUS  COMPLETIONS  DURATION  AGE
job.batch/job  Running  0/1  {age}  {age}
$ kubectl set image sts/sts main=busybox:2
statefulset.apps/sts image updated
$ kubectl set image ds/ds main=busybox:2
daemonset.apps/ds image updated
$ kubectl rollout status sts/sts --timeout=180s
...
partitioned roll out complete: 2 new pods have been updated...
$ kubectl rollout status ds/ds --timeout=180s
...
daemon set "ds" successfully rolled out
$ kubectl rollout history sts/sts
statefulset.apps/sts
REVISION  CHANGE-CAUSE
1  <none>
2  <none>

$ kubectl rollout history ds/ds
daemonset.apps/ds
REVISION  CHANGE-CAUSE
1  <none>
2  <none>

$ kubectl rollout history ds/ds --revision=1 | grep Image
    Image:	busybox
$ kubectl rollout undo ds/ds
daemonset.apps/ds rolled back
$ kubectl rollout undo sts/sts --to-revision=1
statefulset.apps/sts rolled back
$ kubectl rollout status ds/ds --timeout=180s
...
daemon set "ds" successfully rolled out
$ kubectl rollout status sts/sts --timeout=180s
...
partitioned roll out complete: 2 new pods have been updated...
$ kubectl get ds/ds sts/sts -o jsonpath='{range .items[*]}{.spec.template.spec.containers[0].image}{"\n"}{end}'
busybox
busybox
$ kubectl rollout restart ds/ds sts/sts
daemonset.apps/ds restarted
statefulset.apps/sts restarted
$ kubectl rollout status ds/ds --timeout=180s
...
daemon set "ds" successfully rolled out
$ kubectl rollout status sts/sts --timeout=180s
...
partitioned roll out complete: 2 new pods have been updated...
$ kubectl scale rc/rc rs/rs sts/sts --replicas=2 | sort
replicaset.apps/rs scaled
replicationcontroller/rc scaled
statefulset.apps/sts scaled
$ kubectl scale ds/ds --replicas=2 # fails
Error from server (NotFound): the server could not find the requested resource
$ kubectl scale job/job --replicas=2 # fails
Error from server (NotFound): the server could not find the requested resource
$ kubectl autoscale rc/rc --min=2 --max=3 --cpu-percent=80
horizontalpodautoscaler.autoscaling/rc autoscaled
$ kubectl autoscale rs/rs --min=2 --max=3 --cpu-percent=80
horizontalpodautoscaler.autoscaling/rs autoscaled
$ kubectl autoscale sts/sts --min=2 --max=3 --cpu-percent=80
horizontalpodautoscaler.autoscaling/sts autoscaled
$ kubectl autoscale ds/ds --max=3 # fails
error: cannot autoscale a {any}
$ kubectl get hpa -o custom-columns=KIND:.spec.scaleTargetRef.kind,NAME:.spec.scaleTargetRef.name,NOW:.status.currentReplicas # soon
KIND  NAME  NOW
ReplicationController  rc  2
ReplicaSet  rs  2
StatefulSet  sts  2
$ kubectl delete hpa rc rs sts
horizontalpodautoscaler.autoscaling "rc" deleted
horizontalpodautoscaler.autoscaling "rs" deleted
horizontalpodautoscaler.autoscaling "sts" deleted
$ kubectl wait --for=condition=Ready pod -l 'app in (rc, rs, sts)' --timeout=180s | sort
pod/rc-{id} condition met
pod/rc-{id} condition met
pod/rs-{id} condition met
pod/rs-{id} condition met
pod/sts-0 condition met
pod/sts-1 condition met
$ kubectl apply -f keep.yaml
poddisruptionbudget.policy/keep created
$ kubectl get pdb # soon
NAME   MIN AVAILABLE  MAX UNAVAILABLE  ALLOWED DISRUPTIONS  AGE
keep   2  N/A  0  {age}
$ kubectl uncordon node1
node/node1 uncordoned
$ kubectl drain node2 --pod-selector='app in (rc, rs, sts, ds, job)' # fails, until 1.20
node/node2 cordoned
error: unable to drain node "node2", aborting command...

There are pending nodes to be drained:
 node2
error: cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): working/ds-{id}
$ kubectl drain node2 --pod-selector='app in (rc, rs, sts, ds, job)' # fails, since 1.33
node/node2 cordoned
error: unable to drain node "node2" due to error: cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): working/ds-{id}, continuing command...
There are pending nodes to be drained:
 node2
cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): working/ds-{id}
$ kubectl drain node2 --ignore-daemonsets --pod-selector=app=rc --timeout=6s 2>&1 | grep -o 'Cannot evict.*' | sort -u
Cannot evict pod as it would violate the pod's disruption budget.
$ kubectl delete pdb keep
poddisruptionbudget.policy "keep" deleted
$ kubectl drain node2 --pod-selector='app in (rc, rs, sts, ds, job)' --ignore-daemonsets --timeout=180s | sort # until 1.20
WARNING: ignoring DaemonSet-managed Pods: working/ds-{id}
evicting pod working/job-{id}
evicting pod working/rc-{id}
evicting pod working/rc-{id}
evicting pod working/rs-{id}
evicting pod working/rs-{id}
evicting pod working/sts-0
evicting pod working/sts-1
node/node2 already cordoned
node/node2 evicted
pod/job-{id} evicted
pod/rc-{id} evicted
pod/rc-{id} evicted
pod/rs-{id} evicted
pod/rs-{id} evicted
pod/sts-0 evicted
pod/sts-1 evicted
$ kubectl drain node2 --pod-selector='app in (rc, rs, sts, ds, job)' --ignore-daemonsets --timeout=180s | sort # since 1.33
Warning: ignoring DaemonSet-managed Pods: working/ds-{id}
evicting pod working/job-{id}
evicting pod working/rc-{id}
evicting pod working/rc-{id}
evicting pod working/rs-{id}
evicting pod working/rs-{id}
evicting pod working/sts-0
evicting pod working/sts-1
node/node2 already cordoned
node/node2 drained
pod/job-{id} evicted
pod/rc-{id} evicted
pod/rc-{id} evicted
pod/rs-{id} evicted
pod/rs-{id} evicted
pod/sts-0 evicted
pod/sts-1 evicted
$ kubectl get pods -o custom-columns=APP:.metadata.labels.app,NODE:.spec.nodeName,PHASE:.status.phase --sort-by=.metadata.labels.app # soon
APP  NODE  PHASE
ds  {any}  Running
ds  {any}  Running
job  node1  Running
rc  node1  Running
rc  node1  Running
rs  node1  Running
rs  node1  Running
sts  node1  Running
sts  node1  Running
$ kubectl uncordon node2
node/node2 uncordoned
$ kubectl delete -f rc.yaml -f rs.yaml -f sts.yaml -f ds.yaml -f job.yaml
replicationcontroller "rc" deleted
replicaset.apps "rs" deleted
statefulset.apps "sts" deleted
daemonset.apps "ds" deleted
job.batch "job" deleted
$ kubectl get pods # soon
No resources found in working namespace.
`,
};
